import { describe, expect, test } from 'vitest';
import { areHeld, periodsToHandOver } from '../../../../src/history/merging/hand_over_plan.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import { HOUR_MS, START_MS } from '../../../support/history.ts';

const MINUTE_MS = 60_000;
const LATER_MS = START_MS + 10 * HOUR_MS;

/** A segment of so many minutes from the beginning. */
function segment(level: Segment['level'], fromMinute: number, minutes: number, more: Partial<Segment> = {}) {
  const fromMs = START_MS + fromMinute * MINUTE_MS;
  const file = `${more.table ?? 'cpu'}/${level}-${fromMinute}`;
  const toMs = fromMs + minutes * MINUTE_MS - 100;
  return { table: 'cpu', file, level, fromMs, toMs, rows: 1, bytes: 1, ...more } satisfies Segment;
}

function plan(
  segments: readonly Segment[],
  periodMinutes: number,
  nowMs = LATER_MS,
  awaitedMs: number[] = [],
) {
  const periodMs = periodMinutes * MINUTE_MS;
  return periodsToHandOver(segments, awaitedMs, nowMs, { outbox: { periodMs }, hourMs: HOUR_MS }).map(
    ({ fromMs, toMs, inputs }) => [
      (fromMs - START_MS) / MINUTE_MS,
      (toMs - START_MS) / MINUTE_MS,
      inputs.map(({ file }) => file).join(' '),
    ],
  );
}

describe('what is handed over', () => {
  test('is what was recorded in a period, once that is over and nothing of it is awaited', () => {
    const segments = [segment('minute', 0, 10), segment('minute', 10, 10), segment('minute', 20, 10)];
    const first = [0, 20, 'cpu/minute-0 cpu/minute-10'];
    expect(plan(segments, 20)).toEqual([first, [20, 40, 'cpu/minute-20']]);
    expect(plan(segments, 20, START_MS + 20 * MINUTE_MS)).toEqual([first]);
    expect(plan(segments, 20, START_MS + 20 * MINUTE_MS - 1)).toEqual([]);
    expect(plan(segments, 20, LATER_MS, [START_MS + 20 * MINUTE_MS])).toEqual([first]);
  });

  test('of an hour or more waits until it is merged', () => {
    expect(plan([segment('minute', 0, 10), segment('minute', 10, 10)], 60)).toEqual([]);
    expect(plan([segment('hour', 0, 60)], 60)).toEqual([[0, 60, 'cpu/hour-0']]);
    expect(plan([segment('hour', 0, 60), segment('minute', 60, 10)], 120)).toEqual([]);
    expect(plan([segment('hour', 0, 60), segment('hour', 60, 60)], 120)).toEqual([
      [0, 120, 'cpu/hour-0 cpu/hour-60'],
    ]);
  });

  test('is every row once: what comes late goes by itself, and rollups do not go', () => {
    const gone = segment('hour', 0, 60, { handedOver: true });
    expect(plan([gone, segment('hour', 0, 60, { table: 'cpu_1s' })], 60)).toEqual([]);
    expect(plan([gone, segment('minute', 30, 10)], 60)).toEqual([[0, 60, 'cpu/minute-30']]);
    // The hour of another table has not gone.
    expect(plan([gone, segment('minute', 30, 10, { table: 'memory' })], 60)).toEqual([]);
  });

  test('is a segment longer than a period as it is, from before periods were that short', () => {
    const segments = [segment('hour', 0, 60), segment('minute', 60, 10), segment('minute', 70, 1)];
    expect(plan(segments, 1)).toEqual([
      [0, 60, 'cpu/hour-0'],
      [60, 70, 'cpu/minute-60'],
      [70, 71, 'cpu/minute-70'],
    ]);
  });
});

describe('what must not be merged', () => {
  const held = (inputs: readonly Segment[], periodMs: number) =>
    areHeld(inputs, { outbox: { periodMs }, hourMs: HOUR_MS });
  const gone = { handedOver: true } as const;

  test('is all that has yet to go by shorter periods', () => {
    expect(held([segment('minute', 0, 10, gone), segment('minute', 10, 10)], 600_000)).toBe(true);
    expect(held([segment('minute', 0, 10, gone), segment('minute', 10, 10, gone)], 600_000)).toBe(false);
  });

  test('is what has gone with what has not, of one table', () => {
    expect(held([segment('minute', 0, 10), segment('minute', 10, 10)], HOUR_MS)).toBe(false);
    expect(held([segment('hour', 0, 60, gone), segment('minute', 10, 10)], HOUR_MS)).toBe(true);
    expect(held([segment('hour', 0, 60, gone), segment('minute', 10, 10, gone)], HOUR_MS)).toBe(false);
    expect(
      held([segment('hour', 0, 60, gone), segment('minute', 10, 10, { table: 'memory' })], HOUR_MS),
    ).toBe(false);
  });
});
