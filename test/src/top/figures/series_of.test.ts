import { expect, test } from 'vitest';
import { seriesOf, tickTimeMs } from '../../../../src/top/figures/series_of.ts';
import { wholeSnapshot } from '../../../support/snapshots.ts';

test('a snapshot adds its own figures', () => {
  expect(seriesOf(wholeSnapshot(7))).toMatchObject({
    cpu_usage: 43.5,
    disk_write: 5 * 1_048_576,
    instructions_per_cycle: 1.8,
    cpu_pressure: 12.5,
    own_cpu: 1.5,
    lateness: 0.25,
  });
  expect(tickTimeMs(wholeSnapshot(7))).toBe(700);
});

test('one that stands for several adds the largest of each', () => {
  const maximum = { cpu: { usage_percent: 99 }, pressure: { cpu: { some_percent: 80 } }, disk: {} };
  expect(seriesOf({ ...wholeSnapshot(7), maximum })).toMatchObject({
    cpu_usage: 99,
    cpu_pressure: 80,
    disk_write: 5 * 1_048_576,
    memory_used: 50,
  });
});

test('what is not there is not known', () => {
  const { cpu: _cpu, perf_events: _perf, ...rest } = wholeSnapshot(7);
  expect(seriesOf(rest).cpu_usage).toBeUndefined();
  expect(seriesOf(rest).instructions_per_cycle).toBeUndefined();
});
