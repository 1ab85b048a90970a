import { describe, expect, test } from 'vitest';
import { TimeSeries } from '../../../../src/dashboard/data/time_series.ts';

function filled(capacity: number, rows: number): TimeSeries {
  const series = new TimeSeries(capacity);
  for (let row = 0; row < rows; row++) {
    series.append(row);
    series.set('value', row * 10);
  }
  return series;
}

describe('a time series', () => {
  test.each([3, 10, 11, 20, 21, 57])('keeps the latest ten of %i rows in order', (rows) => {
    const series = filled(10, rows);
    const expected = Array.from({ length: rows }, (_, row) => row).slice(-10);
    expect([...series.times]).toEqual(expected);
    expect([...(series.column('value') ?? [])]).toEqual(expected.map((row) => row * 10));
    expect(series.firstTime).toBe(expected[0]);
    expect(series.lastTime).toBe(rows - 1);
  });

  test('has no number where none was set, in rows before a column began and in later ones', () => {
    const series = filled(4, 3);
    series.set('late', 1);
    series.append(3);
    expect([...(series.column('late') ?? [])]).toEqual([Number.NaN, Number.NaN, 1, Number.NaN]);
    expect(series.column('value')?.at(-1)).toBeNaN();
    expect(series.column('unknown')).toBeUndefined();
  });

  test('refuses rows that do not come after the last', () => {
    const series = filled(4, 3);
    expect(series.append(2)).toBe(false);
    expect(series.append(1)).toBe(false);
    expect(series.length).toBe(3);
  });

  test('finds the first row at or after a moment', () => {
    const series = filled(10, 25);
    expect(series.indexAt(0)).toBe(0);
    expect(series.indexAt(20)).toBe(5);
    expect(series.indexAt(20.5)).toBe(6);
    expect(series.indexAt(99)).toBe(10);
  });
});
