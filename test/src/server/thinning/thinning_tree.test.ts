import { describe, expect, test } from 'vitest';
import { Thinning } from '../../../../src/server/thinning/thinning.ts';
import { type ThinnedInterval, ThinningTree } from '../../../../src/server/thinning/thinning_tree.ts';
import type { EncodedSnapshot } from '../../../../src/wire/encoded_snapshot.ts';
import { encoded, randomOf, randomTicks, rounded, TICK_MS } from '../../../support/random_ticks.ts';

const TICKS = 600;
const LENGTHS_MS = [200, 300, 400, 600, 700, 1_200, 2_400, 4_200];

/** What an interval is when it is made of every tick by itself. */
function alone(ticks: readonly EncodedSnapshot[], intervalMs: number, withExtremes: boolean): unknown[] {
  const thinning = new Thinning(intervalMs, withExtremes);
  return ticks.flatMap((tick) => thinning.add(tick).map(({ snapshot }) => snapshot));
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a tree of intervals, with the ticks of seed %d', (seed) => {
  const ticks = encoded(randomTicks(seed, TICKS));
  const random = randomOf(seed);
  const shuffled = LENGTHS_MS.flatMap((intervalMs) =>
    [false, true].map((withExtremes) => ({ intervalMs, withExtremes, at: random() })),
  ).sort((one, other) => one.at - other.at);

  test('makes each from another, and of each the same as from every tick', () => {
    const tree = new ThinningTree();
    const intervals = shuffled.map(({ intervalMs, withExtremes }) => tree.join(intervalMs, withExtremes));
    for (const tick of ticks) tree.add(tick);
    expect(tree.foldsPerTick(TICK_MS)).toBeLessThan(intervals.length);
    for (const [index, interval] of intervals.entries()) {
      const { intervalMs, withExtremes } = shuffled[index]!;
      const made = interval.take().map(({ snapshot }) => snapshot);
      expect(made.length).toBeGreaterThan(10);
      expect(rounded(made)).toEqual(rounded(alone(ticks, intervalMs, withExtremes)));
    }
  });

  test('goes on as before while others come and go at any time', () => {
    const tree = new ThinningTree();
    const kept = tree.join(4_200, true);
    const others: ThinnedInterval[] = [];
    for (const tick of ticks) {
      if (random() < 0.3) {
        const { intervalMs, withExtremes } = shuffled[Math.floor(random() * shuffled.length)]!;
        others.push(tree.join(intervalMs, withExtremes));
      }
      if (random() < 0.25 && others.length > 0)
        tree.leave(others.splice(Math.floor(random() * others.length), 1)[0]!);
      tree.add(tick);
    }
    const made = kept.take().map(({ snapshot }) => snapshot);
    expect(rounded(made)).toEqual(rounded(alone(ticks, 4_200, true)));
    for (const other of others) tree.leave(other);
    tree.leave(kept);
    expect(tree.foldsPerTick(TICK_MS)).toBe(0);
  });

  test('goes on with what somebody who caught up had begun', () => {
    const thinning = new Thinning(1_200);
    const before = ticks.slice(0, 307).flatMap((tick) => thinning.add(tick));
    const tree = new ThinningTree();
    tree.join(400, false);
    const interval = tree.join(1_200, false, thinning.fold);
    for (const tick of ticks.slice(307)) tree.add(tick);
    const made = [...before, ...interval.take()].map(({ snapshot }) => snapshot);
    expect(rounded(made)).toEqual(rounded(alone(ticks, 1_200, false)));
  });
});

test('an interval no longer than the tick is every snapshot', () => {
  const ticks = encoded(randomTicks(1, 10));
  const tree = new ThinningTree();
  const interval = tree.join(TICK_MS, false);
  for (const tick of ticks) tree.add(tick);
  expect(interval.take()).toEqual(ticks);
  expect(interval.take()).toEqual([]);
});
