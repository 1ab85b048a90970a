import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { SchedulerTruth, withoutSwitchEvents } from '../support/scheduler_truth.ts';
import { type TestClient, TestServer } from '../support/server.ts';

const SHARES = [0, 10, 30, 50, 90, 100];
const SECONDS_EACH = Number(process.env.HZSTAT_TRUTH_SECONDS ?? 4);
const BURSTS_MS = [20, 50];
const BURSTS_EACH = 5;
const LONGEST_READ_MS = 2;
const LOADED_CORE = 1;
const CORES = availableParallelism();
const LOAD = join(import.meta.dirname, '../support/load.mjs');

/** Roots under which only some of the host's sources are to be seen. */
class Roots {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hzstat-roots-'));

  /** The running host with nothing of /sys but these. */
  with(name: string, ...sysPaths: string[]): string {
    const root = join(this.#folder, name);
    mkdirSync(join(root, 'sys'), { recursive: true });
    symlinkSync('/proc', join(root, 'proc'));
    for (const path of sysPaths) {
      mkdirSync(join(root, 'sys', path, '..'), { recursive: true });
      symlinkSync(join('/sys', path), join(root, 'sys', path));
    }
    return root;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Read {
  readonly fromNs: number;
  readonly toNs: number;
  readonly tookMs: number;
  readonly perCore: readonly (number | null)[];
  readonly total: number;
}

/** Which stretch of time each sample is about, by its own account. */
function readsOf(snapshots: readonly Snapshot[], source: string): Read[] {
  return snapshots.flatMap(({ cpu, sampling }) => {
    const state = sampling.collectors.cpu;
    if (cpu === undefined || state?.state !== 'ok' || state.elapsed_ms === undefined) return [];
    expect(state.sources?.usage_percent?.source).toBe(source);
    const toNs = (sampling.tick * sampling.interval_ms + state.lateness_ms) * 1e6;
    return [
      {
        fromNs: toNs - state.elapsed_ms * 1e6,
        toNs,
        perCore: cpu.per_core,
        total: cpu.usage_percent,
        tookMs: state.duration_ms,
      },
    ];
  });
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The figures, for docs/accuracy.md and whoever wonders. */
function report(title: string, rows: Record<string, Record<string, number>>): void {
  const lines = Object.entries(rows).map(([row, figures]) => {
    const cells = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    return `  ${row.padEnd(10)} ${cells.join(', ')}`;
  });
  process.stdout.write(`${[title, ...lines].join('\n')}\n`);
}

/** What the rows of a load's output are: the start of each part, and the end of the last. */
async function runLoad(cycleMs: number, busyMs: readonly number[], cycles: number): Promise<number[]> {
  const child = spawn(
    'taskset',
    ['-c', String(LOADED_CORE), process.execPath, LOAD, String(cycleMs), busyMs.join(','), String(cycles)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(child, 'close');
  return text
    .trim()
    .split('\n')
    .map((line) => Number(line) * 1e6);
}

const SOURCES = {
  cpuidle: ['devices/system/cpu'],
  cpuacct: ['devices/system/cpu/possible', 'fs/cgroup'],
  '/proc/stat': [],
} as const;
type SourceName = keyof typeof SOURCES;
const NEEDS: Readonly<Record<SourceName, string>> = {
  cpuacct: '/sys/fs/cgroup/cpuacct/release_agent',
  cpuidle: '/sys/devices/system/cpu/cpu1/cpuidle/state0',
  '/proc/stat': '/proc/stat',
};
/** From the best to the worst. */
const present = (Object.keys(SOURCES) as SourceName[]).filter((name) => existsSync(NEEDS[name]));
const best = present[0]!;

/** Idle jiffies of all cores together, and when they were read. */
function idleNow(): { idleNs: number; atNs: number } {
  const [, , , , idle = 0, iowait = 0] = readFileSync('/proc/stat', 'latin1').split(/ +/, 6).map(Number);
  return { idleNs: (idle + iowait) * 1e7, atNs: Number(process.hrtime.bigint()) };
}

describe.skipIf(withoutSwitchEvents || CORES < 2)('under a known load', () => {
  const roots = new Roots();
  const reads = new Map<string, Read[]>();
  let truth: SchedulerTruth;
  let sharesFrom: number[] = [];
  let burstsFrom: number[] = [];
  let before: ReturnType<typeof idleNow>;
  let after: ReturnType<typeof idleNow>;

  const follow = async (source: SourceName, interval: string, servers: TestServer[]): Promise<TestClient> => {
    const rootfs = roots.with(`${source.replaceAll('/', '-')}-${interval}`, ...SOURCES[source]);
    const server = await TestServer.start([
      '--collectors',
      'cpu',
      '--interval',
      interval,
      '--rootfs',
      rootfs,
    ]);
    servers.push(server);
    const client = server.connect();
    await client.take(10);
    return client;
  };
  const keep = (key: string, source: string, client: TestClient): void => {
    reads.set(key, readsOf(client.snapshots, source));
  };

  beforeAll(async () => {
    truth = SchedulerTruth.begin();
    const servers: TestServer[] = [];
    const clients = new Map<SourceName, TestClient>();
    for (const source of present) clients.set(source, await follow(source, '100ms', servers));
    before = idleNow();
    sharesFrom = await runLoad(100, SHARES, SECONDS_EACH * 10);
    after = idleNow();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    for (const [source, client] of clients) keep(source, source, client);

    const client = await follow(best, '10ms', servers);
    burstsFrom = await runLoad(1000, BURSTS_MS, BURSTS_EACH);
    await client.until(() => client.snapshots.length > 0);
    await Promise.all(servers.map((server) => server.stop()));
    keep('bursts', best, client);
    await truth.end();
  }, 600_000);
  afterAll(() => {
    truth?.dispose();
    roots.dispose();
  });

  const totalTruth = (fromNs: number, toNs: number): number => {
    let sum = 0;
    for (let core = 0; core < CORES; core++) sum += truth.busyPercent(core, fromNs, toNs);
    return sum / CORES;
  };

  test.each(present)('the usage by %s is what the scheduler recorded', (source) => {
    const table: Record<string, Record<string, number>> = {};
    const ofCore: number[] = [];
    const ofAll: number[] = [];
    for (const [part, share] of SHARES.entries()) {
      // Not before the load has begun, nor while its process starts.
      const within = reads
        .get(source)!
        .filter(({ fromNs, toNs }) => fromNs > sharesFrom[part]! && toNs < sharesFrom[part + 1]!)
        // A read that was interrupted does not tell when in its duration the counters were read.
        .filter(({ tookMs }) => tookMs <= LONGEST_READ_MS);
      expect(within.length).toBeGreaterThan(SECONDS_EACH * 5);
      const really = within.map(({ fromNs, toNs }) => truth.busyPercent(LOADED_CORE, fromNs, toNs));
      const core = within.map(({ perCore }, index) => perCore[LOADED_CORE]! - really[index]!);
      const all = within.map(({ total, fromNs, toNs }) => total - totalTruth(fromNs, toNs));
      ofCore.push(...core);
      ofAll.push(...all);
      table[`${share} %`] = {
        'core was busy': mean(really),
        'RMS error': rms(core),
        'of all cores': rms(all),
      };
    }
    report(`${source}, 10 Hz, in points`, table);
    if (source === '/proc/stat') return;
    // What the host would really use is held to more than what stands in for it elsewhere.
    expect(rms(ofCore)).toBeLessThanOrEqual(source === best ? 4 : 6);
    expect(rms(ofAll)).toBeLessThanOrEqual(source === best ? 3 : 4.5);
  });

  test.each(present)('the sum over the whole time by %s agrees with /proc/stat', (source) => {
    const within = reads.get(source)!.filter(({ fromNs, toNs }) => fromNs > before.atNs && toNs < after.atNs);
    const coveredNs = within.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0);
    const claimed =
      within.reduce((sum, { total, fromNs, toNs }) => sum + total * (toNs - fromNs), 0) / coveredNs;
    const stat = 100 * (1 - (after.idleNs - before.idleNs) / (after.atNs - before.atNs) / CORES);
    const recorded = totalTruth(before.atNs, after.atNs);
    report(`${source}, the whole time`, { 'usage in percent': { claimed, '/proc/stat': stat, recorded } });
    if (source !== '/proc/stat') expect(Math.abs(claimed - stat)).toBeLessThanOrEqual(1);
  });

  test('at 100 Hz bursts are as long as they were', () => {
    const table: Record<string, Record<string, number>> = {};
    const errorsMs: number[] = [];
    for (const [part, burstMs] of BURSTS_MS.entries()) {
      for (let cycle = 0; cycle < BURSTS_EACH; cycle++) {
        const startNs = burstsFrom[part]! + cycle * 1e9;
        // Some ticks on either side, because what was estimated wrong in one is made good in the next.
        const around = reads
          .get('bursts')!
          .filter(({ fromNs, toNs }) => fromNs > startNs - 3e7 && toNs < startNs + (burstMs + 50) * 1e6);
        const first = around[0]!;
        const last = around.at(-1)!;
        const claimedMs = around.reduce(
          (sum, { perCore, fromNs, toNs }) => sum + (perCore[LOADED_CORE]! / 100) * ((toNs - fromNs) / 1e6),
          0,
        );
        const spanMs = (last.toNs - first.fromNs) / 1e6;
        const reallyMs = (truth.busyPercent(LOADED_CORE, first.fromNs, last.toNs) / 100) * spanMs;
        table[`${burstMs} ms, ${cycle + 1}`] = { claimed: claimedMs, recorded: reallyMs };
        errorsMs.push(Math.abs(claimedMs - reallyMs));
      }
    }
    // On a machine that is busy with other things one burst in a few is cut in two by them.
    const within = errorsMs.filter((errorMs) => errorMs <= 10).length;
    expect(within).toBeGreaterThanOrEqual(errorsMs.length * 0.75);
    expect(Math.max(...errorsMs)).toBeLessThanOrEqual(20);
    report(`bursts by ${best}, 100 Hz, milliseconds busy around them`, table);
  });
});
