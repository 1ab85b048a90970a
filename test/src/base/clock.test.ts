import fc from 'fast-check';
import { expect, test } from 'vitest';
import { monotonicNs, monotonicOriginNs } from '../../../src/base/clock.ts';

const NS_PER_MS = 1e6;
const BEGUN_NS = 5_000_000_000_123;

/** A thread that loses its core for so many milliseconds each time it has asked a clock. */
function interrupted(pausesMs: readonly number[]) {
  let elapsedMs = 3;
  let asked = 0;
  const lose = () => {
    elapsedMs += pausesMs[asked++ % pausesMs.length]!;
  };
  return {
    nowMs: () => {
      const told = elapsedMs;
      lose();
      return told;
    },
    monotonic: (): [number, number] => {
      const told = BEGUN_NS + elapsedMs * NS_PER_MS;
      lose();
      return [Math.floor(told / 1e9), told % 1e9];
    },
  };
}

test('losing the core between two clocks puts nothing out of place', () => {
  const { nowMs, monotonic } = interrupted([128, 0, 0, 0.001, 0.001, 0, 0, 80, 0, 40]);
  expect(Math.abs(monotonicOriginNs(nowMs, monotonic) - BEGUN_NS)).toBeLessThan(2_000);
});

test('the origin is off by less than the shortest comparison took', () => {
  const pauses = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 24, maxLength: 24 });
  fc.assert(
    fc.property(pauses, (pausesMs) => {
      const { nowMs, monotonic } = interrupted(pausesMs);
      const found = monotonicOriginNs(nowMs, monotonic);
      const took = Array.from({ length: 8 }, (_, i) => pausesMs[3 * i]! + pausesMs[3 * i + 1]!);
      expect(Math.abs(found - BEGUN_NS)).toBeLessThanOrEqual(Math.min(...took) * NS_PER_MS + 2_000);
    }),
  );
});

test('the clock is the one hrtime reads', () => {
  const before = process.hrtime.bigint();
  const now = monotonicNs();
  const after = process.hrtime.bigint();
  expect(now).toBeGreaterThan(Number(before) - 50_000);
  expect(now).toBeLessThan(Number(after) + 50_000);
});
