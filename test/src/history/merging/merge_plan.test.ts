import { describe, expect, test } from 'vitest';
import {
  cutDaysToMerge,
  daysToMerge,
  hoursToCut,
  hoursToMerge,
} from '../../../../src/history/merging/merge_plan.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';

const HOUR_MS = 3_600_000;
const SPANS = { hourMs: HOUR_MS, dayMs: 24 * HOUR_MS };
const NOW_MS = 100 * HOUR_MS;

function segment(table: string, level: Segment['level'], hour: number, toHour = hour): Segment {
  const file = `${table}-${level}-${hour}`;
  return {
    table,
    file,
    level,
    fromMs: hour * HOUR_MS + 60_000,
    toMs: toHour * HOUR_MS + 119_000,
    rows: 1,
    bytes: 1,
  };
}

const filesOf = ({ inputs }: { inputs: readonly Segment[] }): string[] =>
  inputs.map(({ file }) => file).sort();

describe('hours', () => {
  test('are merged when they are over and have minutes, each for itself', () => {
    const segments = [
      segment('cpu', 'minute', 97),
      segment('cpu', 'minute', 98),
      segment('memory', 'minute', 98),
      segment('cpu', 'hour', 96),
      segment('cpu', 'minute', 100),
    ];
    const plans = hoursToMerge(segments, NOW_MS, SPANS);
    expect(plans.map(filesOf)).toEqual([['cpu-minute-97'], ['cpu-minute-98', 'memory-minute-98']]);
    expect(plans[0]).toMatchObject({
      stem: `h-${97 * HOUR_MS}`,
      hour: { fromMs: 97 * HOUR_MS, toMs: 98 * HOUR_MS },
    });
  });

  test('take in what was made of the same tables before, a day included, and leave other tables alone', () => {
    const segments = [
      segment('cpu', 'minute', 30),
      segment('cpu', 'hour', 30),
      segment('cpu_1m', 'day', 24, 47),
      segment('cpu_1s', 'day', 24, 47),
      segment('cpu_1m', 'day', 48, 71),
      segment('memory', 'hour', 30),
      segment('memory_1m', 'day', 24, 47),
    ];
    expect(hoursToMerge(segments, NOW_MS, SPANS).map(filesOf)).toEqual([
      ['cpu-hour-30', 'cpu-minute-30', 'cpu_1m-day-24', 'cpu_1s-day-24'],
    ]);
  });
});

describe('days', () => {
  test('are merged when they are over and none of their minutes waits, rollups only', () => {
    const segments = [
      segment('cpu', 'hour', 25),
      segment('cpu_1m', 'hour', 25),
      segment('cpu_1m', 'hour', 26),
      segment('cpu_1m', 'hour', 50),
      segment('cpu', 'minute', 51),
      segment('cpu_1m', 'hour', 97),
    ];
    expect(daysToMerge(segments, NOW_MS, SPANS).map(filesOf)).toEqual([['cpu_1m-hour-25', 'cpu_1m-hour-26']]);
  });

  test('are merged again when an hour comes late', () => {
    const segments = [
      segment('cpu_1m', 'day', 24, 47),
      segment('memory_1m', 'day', 24, 47),
      segment('cpu_1m', 'hour', 30),
    ];
    expect(daysToMerge(segments, NOW_MS, SPANS).map(filesOf)).toEqual([['cpu_1m-day-24', 'cpu_1m-hour-30']]);
  });

  test('once merged stay as they are', () => {
    expect(daysToMerge([segment('cpu_1m', 'day', 24, 47)], NOW_MS, SPANS)).toEqual([]);
  });
});

describe('what incidents keep', () => {
  const windows = [
    { fromMs: 25.5 * HOUR_MS, toMs: 25.6 * HOUR_MS },
    { fromMs: 26 * HOUR_MS, toMs: 26.5 * HOUR_MS },
    { fromMs: 40 * HOUR_MS, toMs: 41 * HOUR_MS },
  ];

  test('is cut out hour by hour, late minutes with their hour', () => {
    const segments = [
      segment('cpu', 'hour', 26),
      segment('cpu', 'minute', 26),
      segment('memory', 'hour', 26),
      segment('cpu', 'hour', 27),
      segment('cpu', 'hour', 40),
    ];
    const files = new Set(segments.map(({ file }) => file).filter((file) => !file.endsWith('27')));
    const plans = hoursToCut(segments, { files, windows }, SPANS);
    expect(plans.map(filesOf)).toEqual([['cpu-hour-26', 'cpu-minute-26', 'memory-hour-26'], ['cpu-hour-40']]);
    expect(plans.map((plan) => [plan.stem, plan.windows, plan.hour])).toEqual([
      [`i-${26 * HOUR_MS}`, [windows[1]], undefined],
      [`i-${40 * HOUR_MS}`, [windows[2]], undefined],
    ]);
  });

  test('is one file a day and table once all of the day is cut, and larger ones stay as they are', () => {
    const cut = [
      segment('cpu', 'incident', 25),
      segment('cpu', 'incident', 30),
      segment('memory', 'incident', 30),
      { ...segment('cpu', 'incident', 31), bytes: 1e9 },
      segment('cpu', 'incident', 50),
      segment('cpu', 'incident', 51),
      segment('cpu', 'incident', 97),
      segment('cpu', 'incident', 98),
    ];
    const plans = cutDaysToMerge([...cut, segment('cpu', 'hour', 60)], NOW_MS, SPANS);
    expect(plans.map(filesOf)).toEqual([['cpu-incident-25', 'cpu-incident-30']]);
    expect(plans[0]).toMatchObject({ stem: `i-${24 * HOUR_MS}`, windows: [] });
  });

  test('is neither merged to hours nor in the way of rollups', () => {
    const segments = [
      segment('cpu', 'incident', 25),
      segment('cpu', 'minute', 25),
      segment('cpu_1m', 'hour', 26),
      segment('cpu', 'incident', 26),
    ];
    expect(hoursToMerge(segments, NOW_MS, SPANS).map(filesOf)).toEqual([['cpu-minute-25']]);
    expect(daysToMerge(segments.slice(2), NOW_MS, SPANS).map(filesOf)).toEqual([['cpu_1m-hour-26']]);
  });
});
