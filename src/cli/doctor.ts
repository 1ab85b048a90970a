import { checkHost } from '../sampling/host_check.ts';
import { errorMessage } from '../shared/errors.ts';
import type { HostFinding } from '../shared/host_finding.ts';
import { loadEngine } from '../stream/engine.ts';
import type { TokenOptions } from './access_options.ts';
import { ownCost } from './own_cost.ts';
import { readToken } from './token.ts';

export interface DoctorOptions extends TokenOptions {
  url: string;
  rootfs: string;
  perfCpus: string;
  json?: boolean;
}

const MARKS: Readonly<Record<HostFinding['state'], string>> = { ok: '✔', limited: '~', missing: '✘' };

/** Prints what this host offers and withholds, each with the reason and the remedy. */
export async function doctorCommand(options: DoctorOptions): Promise<void> {
  const { rootfs, perfCpus, json = false } = options;
  const findings = [
    runtime(),
    await engine(),
    ...(await checkHost({ rootfs, perfCpus })),
    await ownCost(options.url, readToken(options)),
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

function runtime(): HostFinding {
  const user = process.geteuid?.() === 0 ? 'as root' : 'as an ordinary user';
  return { subject: 'runtime', state: 'ok', detail: `Node ${process.versions.node}, ${glibc()}, ${user}` };
}

function glibc(): string {
  const report: unknown = process.report.getReport();
  const header =
    typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) return 'no glibc';
  return `glibc ${String(header.glibcVersionRuntime)}`;
}

async function engine(): Promise<HostFinding> {
  try {
    await loadEngine();
    return { subject: 'web server', state: 'ok', detail: 'its binary loads' };
  } catch (error) {
    return { subject: 'web server', state: 'missing', detail: errorMessage(error) };
  }
}
