import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketsOf, columnsOfBucket, joined } from '../../../../src/dashboard/data/buckets.ts';

function rowsOf(times: readonly number[], values: readonly number[], interval = 0.1) {
  return {
    times: Float64Array.from(times),
    interval,
    intervals: undefined,
    column: (key: string) => (key === 'value' ? Float32Array.from(values) : undefined),
  };
}

describe('buckets', () => {
  test('are the samples themselves where pixels are finer', () => {
    const buckets = bucketsOf(rowsOf([1, 1.1, 1.2], [5, Number.NaN, 7]), ['value', 'other'], 0.05, 0, 3);
    expect(buckets.times).toEqual([1, 1.1, 1.2]);
    expect(buckets.bands.get('value')?.avg).toEqual([5, null, 7]);
    expect(buckets.bands.get('other')?.avg).toEqual([null, null, null]);
  });

  test('keep the smallest and the largest sample of each column', () => {
    const times = Array.from({ length: 40 }, (_, index) => index / 10);
    const values = times.map((_, index) => (index === 17 ? 99 : 1));
    const { bands } = bucketsOf(rowsOf(times, values), ['value'], 1, 0, 40);
    expect(bands.get('value')).toMatchObject({ min: [1, 1, 1, 1], max: [1, 99, 1, 1] });
    expect(bands.get('value')?.avg[1]).toBeCloseTo(10.8);
  });

  test('keep the extremes of samples that stand for several themselves', () => {
    const columns: Record<string, number[]> = {
      value: [5, 6, 7, 8],
      'minimum value': [1, 6, 7, 8],
      'maximum value': [5, 60, 7, Number.NaN],
    };
    const rows = {
      ...rowsOf([0, 0.1, 0.2, 0.3], []),
      column: (key: string) => columns[key] && Float32Array.from(columns[key]),
    };
    const wide = bucketsOf(rows, ['value'], 0.2, 0, 4).bands.get('value');
    expect(wide).toEqual({ min: [1, 7], avg: [5.5, 7.5], max: [60, 7.5] });
    const narrow = bucketsOf(rows, ['value'], 0.01, 0, 4).bands.get('value');
    expect(narrow).toEqual({ min: [1, 6, 7, 8], avg: [5, 6, 7, 8], max: [5, 60, 7, 8] });
  });

  test('never lose an extreme, whatever the width', () => {
    const values = fc.array(fc.float({ noNaN: true, min: 0, max: 1000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 30, noNaN: true }), (given, width) => {
        const times = given.map((_, index) => 1000 + index / 10);
        const { bands } = bucketsOf(rowsOf(times, given), ['value'], width, 0, given.length);
        const { min, max } = bands.get('value')!;
        expect(Math.max(...max.map(Number))).toBe(Math.max(...given));
        expect(Math.min(...min.map(Number))).toBe(Math.min(...given));
      }),
    );
  });

  test('have a null where there is a gap, and none where a single tick was missed', () => {
    const times = [0, 0.1, 0.3, 0.4, 2, 2.1];
    const { bands } = bucketsOf(rowsOf(times, [1, 2, 3, 4, 5, 6]), ['value'], 0.01, 0, 6);
    expect(bands.get('value')?.avg).toEqual([1, 2, 3, 4, null, 5, 6]);
  });

  test('take the pace of then for what is a gap', () => {
    const rows = {
      ...rowsOf([0, 1, 2, 2.1], [1, 2, 3, 4]),
      intervals: Float32Array.from([1000, 1000, 1000, 100]),
    };
    expect(bucketsOf(rows, ['value'], 0.01, 0, 4).bands.get('value')?.avg).toEqual([1, 2, 3, 4]);
  });

  test('of history and of memory follow each other without repeating, with a gap if there is one', () => {
    const keys = ['value'];
    const older = bucketsOf(rowsOf([0, 0.1, 0.2], [1, 2, 3]), keys, 0.01, 0, 3);
    const near = bucketsOf(rowsOf([0.2, 0.3], [3, 4]), keys, 0.01, 0, 2);
    expect(joined(older, near, keys).bands.get('value')?.avg).toEqual([1, 2, 3, 4]);
    const far = bucketsOf(rowsOf([5, 5.1], [8, 9]), keys, 0.01, 0, 2);
    expect(joined(older, far, keys).bands.get('value')?.avg).toEqual([1, 2, 3, null, 8, 9]);
  });

  test('fill every column between two that follow each other', () => {
    const times = Array.from({ length: 200 }, (_, index) => 50 + index * 0.1003);
    const buckets = bucketsOf(rowsOf(times, times), ['value'], 0.01, 0, 200);
    const columns = 283;
    const covered = new Array(columns).fill(false);
    for (const index of times.keys()) {
      const [first, last] = columnsOfBucket(buckets, index, 50, columns / 20, columns);
      covered.fill(true, first, last);
    }
    expect(covered).not.toContain(false);
  });
});
