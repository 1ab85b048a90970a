import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balanced, columnWidths, GUTTER } from '../../../../src/top/layout/columns.ts';

test.each([
  [20, 1],
  [80, 1],
  [141, 1],
  [142, 2],
  [200, 2],
  [214, 3],
  [500, 3],
])('%d cells are room for %d columns, which fill them', (width, columns) => {
  const widths = columnWidths(width);
  expect(widths).toHaveLength(columns);
  expect(widths.reduce((sum, each) => sum + each, GUTTER * (columns - 1))).toBe(width);
});

test('runs are as even as can be', () => {
  expect(balanced([5, 3, 4, 4], 2)).toEqual([2, 2]);
  expect(balanced([9, 1, 1, 1], 3)).toEqual([1, 1, 2]);
  expect(balanced([7], 3)).toEqual([1, 0]);
  expect(balanced([], 2)).toEqual([0]);
});

test('every panel stands in exactly one column, in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 9 }),
      fc.integer({ min: 1, max: 3 }),
      (heights, runs) => {
        const lengths = balanced(heights, runs);
        expect(lengths.length).toBeLessThanOrEqual(runs);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(heights.length);
      },
    ),
  );
});
