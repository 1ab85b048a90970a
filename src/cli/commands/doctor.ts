import type { HostFinding } from '../../base/host_finding.ts';
import { checkHost } from '../../sampling/host_check.ts';
import { ENGINE_TITLES } from '../../server/engine/engine.ts';
import { loadEngine } from '../../server/engines/load_engine.ts';
import { clockFinding } from '../findings/clock_finding.ts';
import { ownCost } from '../findings/own_cost.ts';
import { runtimeFinding, thisRuntime } from '../findings/runtime_finding.ts';
import { watchesFinding } from '../findings/watches_finding.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { clientAccess } from './client_access.ts';

export interface DoctorOptions extends ClientOptions {
  /** Absent where nobody named a server. */
  url?: string;
  rootfs: string;
  perfCpus: string;
  json?: boolean;
}

const MARKS: Readonly<Record<HostFinding['state'], string>> = { ok: '✔', limited: '~', missing: '✘' };

/**
 * Prints what this host offers and withholds, each with the reason and the remedy.
 *
 * @param configuration what was found of the configuration file, if there is one
 */
export async function doctorCommand(options: DoctorOptions, configuration?: HostFinding): Promise<void> {
  const { rootfs, perfCpus, json = false } = options;
  const access = clientAccess(options);
  const findings = [
    runtimeFinding(thisRuntime()),
    await engine(),
    ...(configuration === undefined ? [] : [configuration]),
    ...(await checkHost({ rootfs, perfCpus })),
    await clockFinding(),
    await watchesFinding(options.url, access),
    await ownCost(options.url, access),
  ];
  if (json) {
    process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
    return;
  }
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  for (const { state, subject, detail, remedy } of findings) {
    process.stdout.write(`${MARKS[state]} ${subject.padEnd(width)}  ${detail}\n`);
    if (remedy !== undefined) process.stdout.write(`${' '.repeat(width + 4)}→ ${remedy}\n`);
  }
}

/** Both engines serve alike; uWebSockets.js takes half the CPU for each frame it sends. */
async function engine(): Promise<HostFinding> {
  const { engine, withoutUws } = await loadEngine('auto');
  const finding: HostFinding = { subject: 'web server', state: 'ok', detail: ENGINE_TITLES[engine.name] };
  return withoutUws === undefined ? finding : { ...finding, detail: `${finding.detail}; ${withoutUws}` };
}
