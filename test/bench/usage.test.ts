import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { descendantsOf, parseProcessStat } from '../../bench/measure/process_stat.ts';
import {
  parseSwitches,
  readTreeUsage,
  type ThreadUsage,
  type TreeUsage,
  usageBetween,
} from '../../bench/measure/usage.ts';

const NS_PER_MS = 1_000_000;

describe('parseProcessStat', () => {
  test('is not led astray by the name of the process', () => {
    const text =
      '77 (a) b (c 1 2) S 42 77 77 0 -1 4194560 1 2 3 4 11 12 13 14 20 0 1 0 100 1000 50 18446744073709551615';
    expect(parseProcessStat(text)).toEqual({ parent: 42, userTicks: 11, systemTicks: 12, reapedTicks: 27 });
  });
});

test('parseSwitches adds voluntary and involuntary ones', () => {
  const status = 'Name:\tnode\nThreads:\t7\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n';
  expect(parseSwitches(status)).toBe(42);
});

describe('usageBetween', () => {
  const at = (
    ms: number,
    threads: Record<number, ThreadUsage>,
    [user, system, reaped] = [0, 0, 0],
  ): TreeUsage => ({
    atNs: ms * NS_PER_MS,
    root: {
      stat: { parent: 1, userTicks: user!, systemTicks: system!, reapedTicks: reaped! },
      threads: new Map(Object.entries(threads).map(([id, usage]) => [Number(id), usage])),
    },
    descendants: new Map(),
  });

  test('adds what every thread used, those begun in between among them', () => {
    const before = at(0, { 1: { runNs: 5 * NS_PER_MS, switches: 10 } }, [3, 1, 0]);
    const after = at(
      1_000,
      { 1: { runNs: 25 * NS_PER_MS, switches: 15 }, 2: { runNs: 10 * NS_PER_MS, switches: 2 } },
      [5, 2, 0],
    );
    const usage = usageBetween(before, after);
    expect(usage).toMatchObject({ elapsedUs: 1_000_000, cpuUs: 30_000, switches: 7, childrenUs: 0 });
    expect(usage.userUs).toBeCloseTo(20_000);
    expect(usage.systemUs).toBeCloseTo(10_000);
  });

  test('knows of threads that have ended from the total of the process', () => {
    const before = at(0, { 1: { runNs: 0, switches: 0 }, 2: { runNs: 0, switches: 0 } });
    const after = at(1_000, { 1: { runNs: NS_PER_MS, switches: 0 } }, [50, 0, 0]);
    expect(usageBetween(before, after).cpuUs).toBe(480_000);
  });

  test('keeps children apart, also those that have ended', () => {
    const before = at(0, {});
    const after = {
      ...at(1_000, { 1: { runNs: NS_PER_MS, switches: 0 } }, [0, 0, 3]),
      descendants: new Map([
        [
          9,
          {
            stat: { parent: 1, userTicks: 0, systemTicks: 0, reapedTicks: 0 },
            threads: new Map([[9, { runNs: 2 * NS_PER_MS, switches: 1 }]]),
          },
        ],
      ]),
    };
    expect(usageBetween(before, after)).toMatchObject({ cpuUs: 1_000, childrenUs: 32_000 });
  });

  test('agrees with what a process knows of itself', async () => {
    const script = `
      const used = (since) => {
        const { user, system } = process.cpuUsage(since);
        return user + system;
      };
      process.stdin.once('data', () => {
        const begun = process.cpuUsage();
        while (used(begun) < 300_000);
        console.log(used(begun));
      });
      console.log('ready');`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const lines = createInterface({ input: child.stdout });
      await once(lines, 'line');
      expect(descendantsOf(process.pid)).toContain(child.pid);
      const before = readTreeUsage(child.pid!);
      child.stdin.write('go\n');
      const [own]: string[] = await once(lines, 'line');
      const { cpuUs, elapsedUs } = usageBetween(before, readTreeUsage(child.pid!));
      expect(cpuUs / Number(own)).toBeGreaterThan(0.9);
      expect(cpuUs / Number(own)).toBeLessThan(1.2);
      expect(elapsedUs).toBeGreaterThan(cpuUs / 2);
    } finally {
      child.kill();
    }
  });
});
