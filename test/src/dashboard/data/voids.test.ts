import { expect, test } from 'vitest';
import type { Buckets, Values } from '../../../../src/dashboard/data/buckets.ts';
import { voidsIn } from '../../../../src/dashboard/data/voids.ts';

/** One bucket a second from a time on. */
function secondly(from: number, avg: Values): Buckets {
  const times = avg.map((_, index) => from + index);
  return { times, width: 1, bands: new Map([['a', { min: avg, avg, max: avg }]]) };
}

const range = { from: 100, to: 200 };

test('nothing is empty where there is a value in every bucket', () => {
  expect(voidsIn(secondly(100, new Array(101).fill(5)), ['a'], range, 1000)).toEqual([]);
});

test('what lies before the first value and after the last one is told', () => {
  expect(voidsIn(secondly(130, new Array(41).fill(5)), ['a'], range, 1000)).toEqual([
    { from: 100, to: 130 },
    { from: 170, to: 200 },
  ]);
});

test('a gap is told where it has room for words', () => {
  const values: Values = new Array(101).fill(5);
  values.fill(null, 41, 60);
  expect(voidsIn(secondly(100, values), ['a'], range, 1000)).toEqual([{ from: 140, to: 160 }]);
  expect(voidsIn(secondly(100, values), ['a'], range, 200)).toEqual([]);
});

test('a series that is not known at all is empty everywhere', () => {
  expect(voidsIn(secondly(100, [1, 2, 3]), ['b'], range, 1000)).toEqual([range]);
});

test('one of several series with a value is enough', () => {
  const none: Values = new Array(101).fill(null);
  const some: Values = new Array(101).fill(1);
  const buckets = secondly(100, none);
  const bands = new Map([...buckets.bands, ['b', { min: some, avg: some, max: some }] as const]);
  expect(voidsIn({ ...buckets, bands }, ['a', 'b'], range, 1000)).toEqual([]);
});
