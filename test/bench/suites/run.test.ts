import { expect, test } from 'vitest';
import { suiteTable } from '../../../bench/suites/report.ts';
import { runSuite } from '../../../bench/suites/run.ts';
import type { Suite } from '../../../bench/suites/suite.ts';

function sum(until: number): number {
  let total = 0;
  for (let i = 0; i < until; i++) total += Math.sqrt(i);
  return total;
}

test('a suite tells how long each of its rows takes, and lets go of what it held', async () => {
  let disposed = false;
  const suite: Suite = {
    source: 'sums',
    rows: [
      { name: 'nothing', control: true, run: () => 0 },
      { name: 'short', run: () => sum(1_000) },
      { name: 'long', run: () => sum(100_000) },
      { name: 'awaited', async: true, run: () => new Promise((resolve) => setTimeout(resolve, 2)) },
    ],
    dispose: () => {
      disposed = true;
    },
  };
  const { rows } = await runSuite(suite);
  const [nothing, short, long, awaited] = rows;
  expect(rows.map(({ name }) => name)).toEqual(['nothing', 'short', 'long', 'awaited']);
  expect(nothing?.control).toBe(true);
  for (const { samples, p50_us, p99_us } of rows) {
    expect(samples).toBeGreaterThanOrEqual(10);
    expect(p99_us).toBeGreaterThanOrEqual(p50_us);
  }
  expect(long!.p50_us).toBeGreaterThan(10 * short!.p50_us);
  expect(awaited!.p50_us).toBeGreaterThan(1_000);
  expect(disposed).toBe(true);
});

test('a row that throws ends the benchmark, not the figures only', async () => {
  const run = (): never => {
    throw new Error('no such file');
  };
  await expect(runSuite({ source: 'broken', rows: [{ name: 'broken', run }] })).rejects.toThrow(
    'no such file',
  );
});

test('the table marks controls, and what the clock could not resolve', () => {
  const row = { samples: 12_345, mean_us: 2, p50_us: 1.234, p99_us: 250.4 };
  const table = suiteTable({
    source: 'wire',
    rows: [
      { ...row, name: 'copying', control: true, too_fast: false },
      { ...row, name: 'quick', control: false, too_fast: true },
    ],
  });
  expect(table).toContain('| (control) copying');
  expect(table).toContain('| quick (too fast for the clock) | 1.23 | 250 |  12,345 |');
});
