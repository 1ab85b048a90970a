import { describe, expect, test } from 'vitest';
import type { TickResult } from '../../../src/handover/messages.ts';
import { TickMerge } from '../../../src/sampling/tick_merge.ts';

function answer(tick: number): TickResult {
  return { tick, startedNs: 0, durationNs: 0, missedTicks: 0, outcome: { state: 'warming_up' } };
}

function mergeOf(ticksPerDelivery: number, ...names: string[]): TickMerge {
  const merge = new TickMerge(ticksPerDelivery);
  for (const name of names) merge.expect(name);
  return merge;
}

/** Ticks taken, each with the names that answered. */
function taken(merge: TickMerge): [number, string[]][] {
  return merge.take().map(({ tick, results }) => [tick, [...results.keys()].sort()]);
}

describe('merging by tick', () => {
  test('a tick is complete when everybody has answered', () => {
    const merge = mergeOf(1, 'cpu', 'disk');
    merge.add('cpu', [answer(7)]);
    expect(taken(merge)).toEqual([]);
    merge.add('disk', [answer(7)]);
    expect(taken(merge)).toEqual([[7, ['cpu', 'disk']]]);
    expect(taken(merge)).toEqual([]);
  });

  test('a tick is given up when the next one begins', () => {
    const merge = mergeOf(1, 'cpu', 'disk');
    merge.add('cpu', [answer(7)]);
    merge.add('cpu', [answer(8)]);
    expect(taken(merge)).toEqual([[7, ['cpu']]]);
    merge.add('disk', [answer(7)]);
    expect(taken(merge)).toEqual([]);
    merge.add('disk', [answer(8)]);
    expect(taken(merge)).toEqual([[8, ['cpu', 'disk']]]);
  });

  test('one that skipped a tick completes it by answering the next', () => {
    const merge = mergeOf(10, 'cpu', 'disk');
    merge.add('cpu', [answer(10), answer(11), answer(12)]);
    merge.add('disk', [answer(10), answer(12)]);
    expect(taken(merge)).toEqual([
      [10, ['cpu', 'disk']],
      [11, ['cpu']],
      [12, ['cpu', 'disk']],
    ]);
  });

  test('a batch waits until the next batch begins, and comes out in order', () => {
    const merge = mergeOf(3, 'cpu', 'disk');
    merge.add('cpu', [answer(3), answer(4), answer(5)]);
    expect(taken(merge)).toEqual([]);
    merge.add('cpu', [answer(6)]);
    expect(taken(merge).map(([tick]) => tick)).toEqual([3, 4, 5]);
  });

  test('nobody waits for one that was excused', () => {
    const merge = mergeOf(1, 'cpu', 'disk');
    merge.add('cpu', [answer(7)]);
    merge.excuse('disk');
    expect(taken(merge)).toEqual([[7, ['cpu']]]);
  });

  test('a tick nobody answers can be given up', () => {
    const merge = mergeOf(1, 'cpu', 'disk');
    merge.add('cpu', [answer(7)]);
    expect(merge.giveUp(9).map(({ tick }) => tick)).toEqual([7, 9]);
    merge.add('disk', [answer(8)]);
    expect(taken(merge)).toEqual([]);
  });

  test('after a restart older ticks do not come back', () => {
    const merge = mergeOf(1, 'cpu');
    merge.add('cpu', [answer(7)]);
    merge.restart(2);
    expect(taken(merge)).toEqual([]);
    merge.add('cpu', [answer(3)]);
    expect(taken(merge)).toEqual([[3, ['cpu']]]);
  });
});
