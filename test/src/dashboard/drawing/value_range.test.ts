import { expect, test } from 'vitest';
import {
  fitted,
  highestOf,
  highestStackOf,
  lowestOf,
  valueLabels,
} from '../../../../src/dashboard/drawing/value_range.ts';
import { bytes } from '../../../../src/dashboard/words/format.ts';

const a = { min: [1, 2, null], avg: [2, 3, null], max: [5, 4, null] };
const b = { min: [3, 0, 7], avg: [4, 1, 8], max: [4, 9, 8] };
const GIB = 1024 ** 3;

test('the highest and the lowest sample in sight are found, whatever is missing', () => {
  expect(highestOf([a, b], 0, 2)).toBe(9);
  expect(highestOf([a, b], 2, 2)).toBe(8);
  expect(lowestOf([a, b], 0, 2, 9)).toBe(0);
  expect(highestStackOf([a, b], undefined, 0, 2)).toBe(8);
  expect(highestStackOf([a, b], a, 0, 0)).toBe(6);
});

test('an automatic axis leaves some room, and does not go below zero', () => {
  expect(fitted(100, 200)).toEqual({ from: 92, to: 208 });
  expect(fitted(1, 200).from).toBe(0);
  const { from, to } = fitted(50, 50);
  expect(from).toBeLessThan(50);
  expect(to).toBeGreaterThan(50);
});

test('marks of a narrow axis are told apart', () => {
  expect(valueLabels([0, 12 * GIB, 24 * GIB], bytes)).toEqual(['0 B', '12.0 GiB', '24.0 GiB']);
  expect(valueLabels([3 * GIB, 3.01 * GIB, 3.02 * GIB], bytes)).toEqual([
    '3.0 GiB',
    '+10.2 MiB',
    '+20.5 MiB',
  ]);
});
