import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, quantile, spread } from '../../bench/measure/statistics.ts';

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

describe('quantile', () => {
  test('is the nearest rank, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
  });

  test('has at least its share of all values at or below it, and no smaller value has', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, share) => {
        const found = quantile(all, share)!;
        const atOrBelow = all.filter((value) => value <= found).length;
        const below = all.filter((value) => value < found).length;
        expect(atOrBelow).toBeGreaterThanOrEqual(share * all.length);
        expect(below).toBeLessThan(Math.max(share * all.length, 1));
      }),
    );
  });

  test('of nothing is unknown, not zero', () => {
    expect(quantile([], 0.5)).toBeUndefined();
    expect(median([])).toBeUndefined();
    expect(spread([])).toBeUndefined();
  });

  test('leaves what it is given as it was', () => {
    const given = [3, 1, 2];
    spread(given);
    median(given);
    expect(given).toEqual([3, 1, 2]);
  });
});

describe('median', () => {
  test('is the middle, or the mean of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  test('is not moved by one absurd value', () => {
    expect(median([10, 11, 1e9])).toBe(11);
  });
});
