import { describe, expect, test } from 'vitest';
import { verdict } from '../../../../src/cli/commands/bench.ts';
import { fits, highestFitting, type RateCost, sealsBetween } from '../../../../src/cli/findings/rate_cost.ts';
import { parseRates } from '../../../../src/cli/options/bench_options.ts';

function cost(hz: number, corePercent: number, missedPercent = 0): RateCost {
  return {
    hz,
    interval_ms: 1_000 / hz,
    cpu_us_per_snapshot: (corePercent * 10_000) / hz,
    core_percent: corePercent,
    snapshots: 100,
    missed_percent: missedPercent,
    sealed: false,
  };
}

describe('a rate', () => {
  test('fits up to the budget', () => {
    expect(fits(cost(10, 2), 2)).toBe(true);
    expect(fits(cost(10, 2.01), 2)).toBe(false);
  });

  test('that loses its ticks does not fit, however cheap it is', () => {
    expect(fits(cost(1_000, 1, 5), 2)).toBe(false);
  });
});

describe('the highest rate that fits', () => {
  test('is found among all', () => {
    const costs = [cost(1, 0.2), cost(10, 1.1), cost(20, 1.9), cost(50, 4)];
    expect(highestFitting(costs, 2)?.hz).toBe(20);
    expect(verdict(highestFitting(costs, 2), costs, 2)).toBe(
      'The highest of these rates within 2 % of a core is 20 Hz (hzstat serve --interval 50ms).',
    );
  });

  test('may be none, which is said with what the slowest one takes', () => {
    const costs = [cost(1, 3), cost(10, 9)];
    expect(highestFitting(costs, 2)).toBeUndefined();
    expect(verdict(undefined, costs, 2)).toMatch(/^None .*within 2 % of a core: 1 Hz takes 3\.00 %/);
  });

  test('without a budget is the highest that keeps its ticks', () => {
    const costs = [cost(100, 20), cost(500, 60), cost(1_000, 95, 12)];
    expect(highestFitting(costs, Number.POSITIVE_INFINITY)?.hz).toBe(500);
  });
});

describe('a window', () => {
  const minute = 29_000_000 * 60_000;

  test('with the turn of a minute in it, or shortly before it, holds a seal', () => {
    expect(sealsBetween(minute - 500, minute + 500)).toBe(true);
    expect(sealsBetween(minute + 200, minute + 2_000)).toBe(true);
  });

  test('within a minute holds none', () => {
    expect(sealsBetween(minute + 3_000, minute + 5_000)).toBe(false);
    expect(sealsBetween(minute + 57_000, minute + 59_900)).toBe(false);
  });
});

describe('--rates', () => {
  test('are sorted, each once', () => {
    expect(parseRates('100, 1,10,100')).toEqual([1, 10, 100]);
  });

  test.each(['', '0', '-1', '1001', 'fast', '10,'])('"%s" is refused', (text) => {
    expect(() => parseRates(text)).toThrow(/write 1,10,100/);
  });
});
