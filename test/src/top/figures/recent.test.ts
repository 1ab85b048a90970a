import { expect, test } from 'vitest';
import { largest, Recent } from '../../../../src/top/figures/recent.ts';

const MS = 100;

function filled(values: readonly (number | null | undefined)[], capacity = 100): Recent {
  const recent = new Recent(capacity);
  for (const [index, cpu_usage] of values.entries()) recent.add(index * MS, { cpu_usage });
  return recent;
}

test('the newest value stands last, and what is not there yet is unknown', () => {
  const columns = filled([1, 2, 3]).columns('cpu_usage', 2 * MS, MS, 5);
  expect([...columns]).toEqual([Number.NaN, Number.NaN, 1, 2, 3]);
});

test('a longer column holds the peak of its time', () => {
  const recent = filled([1, 9, 2, 3, 8, 4, 5, 6]);
  expect([...recent.columns('cpu_usage', 7 * MS, 4 * MS, 2)]).toEqual([9, 8]);
});

test('columns do not change while they move on', () => {
  const values = Array.from({ length: 40 }, (_, index) => (index * 7) % 11);
  const before = filled(values).columns('cpu_usage', 39 * MS, 3 * MS, 8);
  const after = filled([...values, 50, 51, 52]).columns('cpu_usage', 42 * MS, 3 * MS, 8);
  expect([...after].slice(0, 6)).toEqual([...before].slice(1, 7));
});

test('missing values and missing snapshots are gaps', () => {
  const recent = new Recent(10);
  recent.add(0, { cpu_usage: 5 });
  recent.add(MS, { cpu_usage: null });
  recent.add(4 * MS, { cpu_usage: 7 });
  expect([...recent.columns('cpu_usage', 4 * MS, MS, 5)]).toEqual([5, Number.NaN, Number.NaN, Number.NaN, 7]);
});

test('what came after the end is not shown', () => {
  expect([...filled([1, 2, 3, 4]).columns('cpu_usage', 1 * MS, MS, 2)]).toEqual([1, 2]);
});

test('the oldest values make room', () => {
  const columns = filled([1, 2, 3, 4, 5], 3).columns('cpu_usage', 4 * MS, MS, 5);
  expect([...columns]).toEqual([Number.NaN, Number.NaN, 3, 4, 5]);
});

test('what is told again is known already', () => {
  const recent = filled([1, 2, 3]);
  for (const time of [0, 1, 2, 3]) recent.add(time * MS, { cpu_usage: 9 });
  expect([...recent.columns('cpu_usage', 3 * MS, MS, 4)]).toEqual([1, 2, 3, 9]);
});

test('a clock that starts again is that of a machine started anew', () => {
  const recent = new Recent(10);
  recent.add(10_000_000, { cpu_usage: 1 });
  recent.add(5_000, { cpu_usage: 9 });
  expect([...recent.columns('cpu_usage', 5_000, MS, 2)]).toEqual([Number.NaN, 9]);
});

test('the largest of what is known', () => {
  expect(largest(Float64Array.of(Number.NaN, 2, 7, Number.NaN, 3))).toBe(7);
  expect(largest(Float64Array.of(Number.NaN))).toBeNaN();
});
