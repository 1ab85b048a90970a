import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CpuIdle } from '../../../workers/host/cpu_idle.ts';
import { CpuTimes, parseStat } from '../../../workers/parse/stat.ts';
import { dutyCycle, SimulatedCore, seeded } from '../../support/simulated_core.ts';
import { SimulatedHost } from '../../support/simulated_host.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function watch(shares: readonly number[], idleStates: number) {
  const cores = shares.map((share, seed) => new SimulatedCore(dutyCycle(share, 12, seeded(seed), 0)));
  const host = new SimulatedHost(cores, { idleStates });
  const idle = new CpuIdle(host.rootfs);
  const times = new CpuTimes();
  cleanups.push(() => {
    idle.close();
    host.dispose();
  });
  let us = 0;
  return {
    host,
    idle,
    cores,
    /** The cores that were read. */
    step(ms: number): number[] {
      us += ms * 1_000;
      host.at(us);
      const bytes = readFileSync(join(host.rootfs, 'proc/stat'));
      parseStat('stat', bytes, bytes.length, times);
      idle.read(1e12 + us * 1_000, times);
      return Array.from(idle.us.subarray(0, times.coreCount)).flatMap((value, row) =>
        Number.isNaN(value) ? [] : [times.coreIds[row]!],
      );
    },
  };
}

test('is the sum over all states', () => {
  const { step, idle, cores } = watch([0.5, 0.1], 3);
  expect(step(100)).toEqual([0, 1]);
  expect(idle.us[0]).toBe(cores[0]!.residencyUs(100_000));
  expect(idle.present).toBe(true);
});

test('a core that is unplugged is not told of until it is back, and the others are', () => {
  const { step, host, idle, cores } = watch([0.5, 0.1], 2);
  step(100);
  const gone = host.cores.get(0)!;
  host.cores.delete(0);
  expect(step(100)).toEqual([1]);
  expect(idle.us[0]).toBe(cores[1]!.residencyUs(200_000));
  host.cores.set(0, gone);
  expect(step(20_000)).toEqual([0, 1]);
});

test('a state that holds no number is no state to go by', () => {
  const { step, host, idle } = watch([0.5], 1);
  step(100);
  host.at = () => {};
  writeFileSync(join(host.rootfs, 'sys/devices/system/cpu/cpu0/cpuidle/state0/time'), '\n');
  step(100);
  expect(idle.us[0]).toBeNaN();
});

test('a host without it is told from one whose cores all idle', () => {
  expect(watch([0.5], 0).idle.present).toBe(false);
  const { step, idle } = watch(Array(40).fill(0), 4);
  for (let second = 0; second < 4; second++) step(1_000);
  expect(idle.cores).toBe(0);
  expect(idle.present).toBe(true);
});

test('where too many cores do now this and now that, each has its turn', () => {
  const { step, idle } = watch(Array(40).fill(0.5), 4);
  const read = new Set<number>();
  for (let second = 0; second < 8; second++) {
    for (const row of step(1_000)) read.add(row);
    expect(idle.cores).toBeLessThanOrEqual(16);
  }
  expect(read.size).toBe(40);
});

test('at a high rate fewer files are read', () => {
  const { step, idle } = watch(Array(40).fill(0.5), 4);
  for (let tick = 0; tick < 120; tick++) step(10);
  expect(idle.cores).toBeGreaterThanOrEqual(4);
  expect(idle.cores).toBeLessThanOrEqual(10);
});
