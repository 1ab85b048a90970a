import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from '../../../../src/top/drawing/fit.ts';

test('the highest ranks go first, and of equals the last', () => {
  expect(linesOf([{ rank: 0 }, { rank: 2 }, { rank: 1 }, { rank: 2 }], 3)).toEqual([1, 1, 1, 0]);
});

test('what needs several lines gets all or none', () => {
  expect(linesOf([{ rank: 0 }, { rank: 1, lines: 3 }, { rank: 2 }], 3)).toEqual([1, 0, 1]);
  expect(linesOf([{ rank: 0 }, { rank: 1, lines: 3 }, { rank: 2 }], 4)).toEqual([1, 3, 0]);
});

test('the rest goes to those that grow, in turn', () => {
  expect(linesOf([{ rank: 0, grows: 5 }, { rank: 0 }, { rank: 0, grows: 1 }], 7)).toEqual([4, 1, 2]);
  expect(linesOf([{ rank: 0, grows: 1 }], 9)).toEqual([2]);
});

test('never more lines than there are', () => {
  const rows = fc.array(
    fc.record({
      rank: fc.integer({ min: 0, max: 6 }),
      lines: fc.integer({ min: 1, max: 4 }),
      grows: fc.nat(5),
    }),
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: -2, max: 60 }), (list, lines) => {
      const given = linesOf(list, lines);
      expect(given.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(Math.max(0, lines));
      for (const [index, count] of given.entries()) {
        if (count > 0) expect(count).toBeGreaterThanOrEqual(list[index]!.lines);
        expect(count).toBeLessThanOrEqual(list[index]!.lines + list[index]!.grows);
      }
    }),
  );
});
