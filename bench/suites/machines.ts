import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyData } from '../../src/handover/messages.ts';
import { COLLECTOR_NAMES, type CollectorName } from '../../src/model/collectors.ts';
import { COLLECTORS } from '../../workers/registry.ts';
import { ROOT } from '../paths.ts';

const FIXTURES = `${ROOT}test/fixtures`;
/** Starts a perf of its own, which has no fixture. */
const NOT_OF_FILES: CollectorName = 'perf_events';

export const MACHINES = ['small-vm', 'server-128', 'hybrid-laptop', 'container-host', 'old-kernel'] as const;
export type Machine = (typeof MACHINES)[number];

/** A kernel file of a fixture machine; undefined where that kernel has none. */
export function machineFile(machine: Machine, path: string): Buffer | undefined {
  const file = join(FIXTURES, machine, path);
  return existsSync(file) ? readFileSync(file) : undefined;
}

export interface Collected {
  readonly machine: Machine;
  readonly data: ReadonlyMap<CollectorName, AnyData>;
}

/** What the collectors deliver on a fixture machine, with every rate there: its second reading. */
export async function collectOn(machine: Machine): Promise<Collected> {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-bench-machine-'));
  const copy = (from: string): void => {
    for (const part of ['proc', 'sys']) {
      const source = join(FIXTURES, machine, from, part);
      if (!existsSync(source)) continue;
      cpSync(source, join(rootfs, part), { recursive: true, verbatimSymlinks: true, force: true });
    }
  };
  try {
    copy('.');
    const data = new Map<CollectorName, AnyData>();
    const names = COLLECTOR_NAMES.filter((name) => name !== NOT_OF_FILES);
    const collectors = await Promise.all(names.map((name) => COLLECTORS[name]({ rootfs, perfCpus: 'all' })));
    for (const collector of collectors) collector.safeCollect();
    copy('later');
    for (const [index, collector] of collectors.entries()) {
      const outcome = collector.safeCollect();
      if (outcome.state === 'ok') data.set(names[index]!, structuredClone<AnyData>(outcome.data));
      collector.close();
    }
    return { machine, data };
  } finally {
    rmSync(rootfs, { recursive: true, force: true });
  }
}
