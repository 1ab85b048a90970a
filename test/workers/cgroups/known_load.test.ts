import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { monotonicNs } from '../../../src/base/clock.ts';
import type { CgroupData } from '../../../src/model/snapshot.ts';
import { CgroupsCollector } from '../../../workers/collectors/cgroups.ts';
import { RealGroup } from '../../support/real_group.ts';
import { skipUnless } from '../../support/skip.ts';

const LOAD = join(import.meta.dirname, '../../support/burst_load.mjs');
const SLICES = [0, 20, 50, 100, 80, 10, 100, 0, 30, 60, 100, 100, 40, 0, 90, 20, 70, 100, 50, 10];
const INTERVAL_MS = 100;
const LONGEST_WAIT_MS = 20_000;

const probe = RealGroup.make();
const hasQuota = probe?.has('cpu.cfs_quota_us') === true || probe?.has('cpu.max') === true;
const hasMemory = probe?.has('memory.limit_in_bytes') === true;
await probe?.remove();
const withoutGroups = skipUnless('a control group that can be made', probe !== undefined);

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function makeGroup(): RealGroup {
  const group = RealGroup.make()!;
  cleanups.push(() => group.remove());
  return group;
}

/** A process in the group, which is gone before the group is removed. */
function start(group: RealGroup, command: string, input: 'pipe' | 'ignore' = 'ignore'): ChildProcess {
  const child = spawn('sh', ['-c', `${group.joining}; exec ${command}`], {
    stdio: [input, 'pipe', 'inherit'],
  });
  cleanups.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  return child;
}

/** A collector that has already found the group. */
async function collectorOf(group: RealGroup): Promise<() => CgroupData> {
  const collector = new CgroupsCollector({ rootfs: '', perfCpus: 'all' });
  cleanups.push(() => collector.close());
  while (collector.collect().groups[group.name] === undefined) await delay(20);
  return () => collector.collect().groups[group.name]!;
}

/** By the scheduler's account of its threads, exact while they sleep. */
function usedSeconds({ pid }: ChildProcess): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const [ns = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ');
    return sum + Number(ns) / 1e9;
  }, 0);
}

describe('a load that is known', () => {
  test.skipIf(withoutGroups)(
    'is told within 1 % in total, and within 2 points for most readings',
    async () => {
      const group = makeGroup();
      const child = start(group, `${process.execPath} ${LOAD}`, 'pipe');
      const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
      child.stdin!.write('10\n');
      await lines.next();
      const read = await collectorOf(group);
      await delay(50);
      const before = { told: read().cpu_seconds!, used: usedSeconds(child) };
      child.stdin!.write(`${SLICES.join(' ')}\n`);
      const told: { readonly fromNs: number; readonly toNs: number; readonly percent: number }[] = [];
      const answer = lines.next();
      let isOver = false;
      void answer.then(() => {
        isOver = true;
      });
      for (let fromNs = monotonicNs(); !isOver; ) {
        await delay(INTERVAL_MS);
        const toNs = monotonicNs();
        told.push({ fromNs, toNs, percent: read().cpu_percent! });
        fromNs = toNs;
      }
      await delay(50);
      const after = { told: read().cpu_seconds!, used: usedSeconds(child) };
      const ratio = (after.told - before.told) / (after.used - before.used);
      expect(ratio).toBeCloseTo(1, 2);

      const log: [number, number][] = JSON.parse((await answer).value as string);
      const usedAtUs = (ns: number): number => {
        const next = log.findIndex(([at]) => at >= ns);
        if (next <= 0) return next === 0 ? log[0]![1] : log.at(-1)![1];
        const [[fromNs, fromUs], [toNs, toUs]] = [log[next - 1]!, log[next]!];
        return fromUs + ((toUs - fromUs) * (ns - fromNs)) / (toNs - fromNs);
      };
      const errors = told.map(({ fromNs, toNs, percent }) =>
        Math.abs(percent - (usedAtUs(toNs) - usedAtUs(fromNs)) / ((toNs - fromNs) / 1e5)),
      );
      const sorted = errors.toSorted((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)]!;
      const within = errors.filter((error) => error <= 2).length;
      process.stdout.write(
        `control group: ${within} of ${errors.length} readings within 2 points, median ${median.toFixed(2)}, largest ${sorted.at(-1)!.toFixed(2)}; over the run ${((ratio - 1) * 100).toFixed(3)} % off\n`,
      );
      expect(median).toBeLessThanOrEqual(2);
    },
  );

  test.skipIf(withoutGroups || skipUnless('a quota of CPU time', hasQuota))(
    'a quota is seen as throttling',
    async () => {
      const group = makeGroup();
      if (group.has('cpu.cfs_quota_us')) {
        group.write('cpu.cfs_period_us', '100000');
        group.write('cpu.cfs_quota_us', '20000');
      } else group.write('cpu.max', '20000 100000');
      const read = await collectorOf(group);
      start(group, "sh -c 'while :; do :; done'");
      const before = structuredClone(read());
      // On a busy host it may not get as much as it may have in some periods.
      const shares: number[] = [];
      const deadline = Date.now() + LONGEST_WAIT_MS;
      while (shares.filter((share) => share === 100).length < 5 && Date.now() < deadline) {
        await delay(INTERVAL_MS);
        shares.push(read().throttled_percent ?? 0);
      }
      const after = read();
      expect(shares.filter((share) => share === 100).length).toBeGreaterThanOrEqual(5);
      expect(after.throttled_periods! - (before.throttled_periods ?? 0)).toBeGreaterThanOrEqual(5);
      expect(after.quota_periods).toBeGreaterThanOrEqual(after.throttled_periods!);
      expect(after.throttled_seconds).toBeGreaterThan(0.1);
      const kernels = Number(/^nr_throttled (\d+)$/m.exec(group.read('cpu.stat'))![1]);
      expect(kernels - after.throttled_periods!).toBeLessThan(5);
    },
  );

  const withoutMemory = skipUnless(
    'a limit of memory',
    hasMemory && spawnSync('tail', ['--version']).status === 0,
  );
  test.skipIf(withoutGroups || withoutMemory)('memory and a kill for want of it are told', async () => {
    const group = makeGroup();
    group.write('memory.limit_in_bytes', String(32 * 1_048_576));
    const read = await collectorOf(group);
    expect(read()).toMatchObject({ oom_kills: 0 });
    const child = start(group, 'tail /dev/zero');
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, read().memory_bytes ?? 0);
    }, 50);
    cleanups.push(() => clearInterval(watch));
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    clearInterval(watch);
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (read().oom_kills !== 1 && Date.now() < deadline) await delay(100);
    expect(read().oom_kills).toBe(1);
    expect(most).toBeLessThanOrEqual(32 * 1_048_576);
  });
});
