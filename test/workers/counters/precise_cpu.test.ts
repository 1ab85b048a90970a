import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { CpuData } from '../../../src/model/snapshot.ts';
import { CpuCollector } from '../../../workers/collectors/cpu.ts';
import { TestClock } from '../../support/machine.ts';
import { dutyCycle, SimulatedCore, seeded } from '../../support/simulated_core.ts';
import { SimulatedHost, type SimulatedSources } from '../../support/simulated_host.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const duty = (share: number, seed = 1): SimulatedCore =>
  new SimulatedCore(dutyCycle(share, 30, seeded(seed)));

/** A collector on a simulated host, and what it says after each step of the clock. */
function watch(cores: readonly SimulatedCore[], sources: SimulatedSources) {
  const host = new SimulatedHost(cores, sources);
  const clock = new TestClock();
  const startNs = clock.nowNs;
  const collector = new CpuCollector({ rootfs: host.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    host.dispose();
  });
  const nowUs = (): number => (clock.nowNs - startNs) / 1_000;
  return {
    host,
    collector,
    nowUs,
    step(ms: number): CpuData | undefined {
      clock.advanceMs(ms);
      host.at(nowUs());
      const outcome = collector.safeCollect();
      if (outcome.state === 'failed') throw new Error(outcome.message);
      return outcome.state === 'ok' ? structuredClone(outcome.data) : undefined;
    },
  };
}

const HOSTS: [string, SimulatedSources][] = [
  ['cpuidle', { idleStates: 3 }],
  ['cpuacct', { cpuacct: true }],
  ['schedstat', { schedstat: true }],
];

describe.each(HOSTS)('with %s', (source, sources) => {
  test('usage follows what the cores did', () => {
    const cores = [0.05, 0.3, 0.7, 1].map((share, seed) => duty(share, seed));
    const { step, nowUs, collector } = watch(cores, sources);
    const squares: number[] = [];
    let before = 0;
    for (let tick = 0; tick < 100; tick++) {
      const data = step(100);
      if (tick > 10) {
        for (const [id, core] of cores.entries()) {
          const truth = (100 * (core.busyUs(nowUs()) - core.busyUs(before))) / (nowUs() - before);
          squares.push((data!.per_core[id]! - truth) ** 2);
        }
      }
      before = nowUs();
    }
    expect(collector.sources?.usage_percent?.source).toBe(source);
    expect(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length)).toBeLessThan(4);
  });

  test('what is wrong in one interval is made good in the next', () => {
    const core = duty(0.37);
    const { step, nowUs } = watch([core, duty(0.1)], sources);
    step(100);
    const from = nowUs();
    let busyUs = 0;
    for (let tick = 0; tick < 200; tick++) busyUs += (step(100)!.per_core[0]! / 100) * 1e5;
    const reallyUs = core.busyUs(nowUs()) - core.busyUs(from);
    expect(Math.abs(busyUs - reallyUs)).toBeLessThan(0.01 * reallyUs);
  });

  test('a core that idles throughout is 0, one that is busy throughout 100', () => {
    const { step } = watch([new SimulatedCore([]), new SimulatedCore([[0, 1e9]])], sources);
    const seen = Array.from({ length: 30 }, () => step(100)).slice(2);
    for (const data of seen) {
      expect(data!.per_core[0]).toBeLessThan(1);
      expect(data!.per_core[1]).toBeGreaterThan(99);
    }
  });

  test('bursts at 100 Hz have their length', () => {
    const bursts = [20, 50].flatMap((ms) =>
      [1, 2, 3].map((n): [number, number] => [
        n * 1e6 + ms * 1e5 + 3_100,
        n * 1e6 + ms * 1e5 + 3_100 + ms * 1e3,
      ]),
    );
    const core = new SimulatedCore(bursts.sort(([a], [b]) => a - b));
    const { step, nowUs } = watch([core, new SimulatedCore([[0, 1e9]])], sources);
    const ticks: { atUs: number; busyMs: number }[] = [];
    for (let tick = 0; tick < 1_000; tick++) {
      const data = step(10);
      if (data !== undefined) ticks.push({ atUs: nowUs(), busyMs: data.per_core[0]! / 10 });
    }
    for (const [from, to] of bursts) {
      const around = ticks.filter(({ atUs }) => atUs > from - 50_000 && atUs < to + 100_000);
      const busyMs = around.reduce((sum, { busyMs }) => sum + busyMs, 0);
      expect(Math.abs(busyMs - (to - from) / 1_000)).toBeLessThanOrEqual(10);
    }
  });

  test('a core that is unplugged and comes back costs the others nothing', () => {
    const cores = [duty(0.5, 3), duty(0.2, 4)];
    const { step, host } = watch(cores, sources);
    const seen: (number | null | undefined)[][] = [];
    for (let tick = 0; tick < 60; tick++) {
      if (tick === 20) host.cores.delete(1);
      if (tick === 40) host.cores.set(1, cores[1]!);
      const data = step(100);
      if (data !== undefined) seen.push([data.per_core[0], data.per_core[1]]);
    }
    for (const [first] of seen) expect(first).toBeGreaterThanOrEqual(0);
    const second = seen.map(([, usage]) => usage ?? null);
    expect(second.filter((usage) => usage === null).length).toBeGreaterThanOrEqual(20);
    expect(second.filter((usage) => usage === null).length).toBeLessThanOrEqual(22);
    for (const usage of second.slice(-15)) expect(usage).toBeLessThanOrEqual(100);
    expect(second.at(-1)).not.toBeNull();
  });

  test('after a stop of seconds it tells of those seconds, and then goes on', () => {
    const core = duty(0.4);
    const { step } = watch([core, duty(0.1)], sources);
    for (let tick = 0; tick < 20; tick++) step(100);
    expect(Math.abs(step(7_000)!.per_core[0]! - 40)).toBeLessThan(5);
    expect(Math.abs(step(100)!.per_core[0]! - 40)).toBeLessThan(25);
  });
});

describe('a host with more cores than a tick should read files for', () => {
  const shares: number[] = Array.from({ length: 128 }, (_, id) => (id < 10 ? 0.3 : id < 64 ? 0 : 1));
  const cores = shares.map((share, seed) => new SimulatedCore(dutyCycle(share, 5, seeded(seed), 0)));

  test('watches the cores that are neither idle nor busy, and knows the total', () => {
    const { step, collector } = watch(cores, { idleStates: 4 });
    let data: CpuData | undefined;
    for (let tick = 0; tick < 24; tick++) data = step(100);
    expect(collector.sources?.per_core?.cores).toBeGreaterThanOrEqual(10);
    expect(collector.sources?.per_core?.cores).toBeLessThanOrEqual(16);
    const truth = (100 * shares.reduce((a, b) => a + b)) / 128;
    expect(Math.abs(data!.usage_percent - truth)).toBeLessThan(1);
    for (const [id, share] of shares.entries()) {
      if (share === 0 || share === 1) expect(data!.per_core[id], `core ${id}`).toBeCloseTo(100 * share, 6);
    }
  });

  test('one file is enough where run time is told for all cores', () => {
    const { step, collector } = watch(cores, { cpuacct: true });
    for (let tick = 0; tick < 3; tick++) step(100);
    expect(collector.sources?.per_core).toMatchObject({ source: 'cpuacct', cores: 128 });
  });
});

test('a source that breaks while it is read leaves jiffies', () => {
  const { step, host, collector } = watch([duty(0.3), duty(0.3)], { cpuacct: true });
  for (let tick = 0; tick < 5; tick++) step(100);
  host.at = () => {};
  const path = `${host.rootfs}/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu`;
  writeFileSync(path, 'nonsense');
  step(100);
  expect(collector.sources?.usage_percent?.source).toBe('/proc/stat');
});
