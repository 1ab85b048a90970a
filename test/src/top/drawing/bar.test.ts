import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bar, stackedCells } from '../../../../src/top/drawing/bar.ts';
import { ASCII_GLYPHS, BLOCK_GLYPHS } from '../../../../src/top/drawing/glyphs.ts';

test.each([
  [0, '··········'],
  [0.01, '▏·········'],
  [5, '▌·········'],
  [50, '█████·····'],
  [96, '█████████▋'],
  [100, '██████████'],
  [140, '██████████'],
  [-3, '··········'],
])('%d %% of ten cells', (percent, expected) => {
  expect(bar(percent, 10, BLOCK_GLYPHS)).toBe(expected);
});

test('always as long as asked, and never shorter for more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.integer({ min: 0, max: 80 }),
      (percent, cells) => {
        for (const glyphs of [BLOCK_GLYPHS, ASCII_GLYPHS]) {
          const drawn = bar(percent, cells, glyphs);
          expect([...drawn]).toHaveLength(cells);
          const filled = (text: string): number => [...text].filter((glyph) => glyph !== glyphs.empty).length;
          expect(filled(bar(Math.min(100, percent + 10), cells, glyphs))).toBeGreaterThanOrEqual(
            filled(drawn),
          );
        }
      },
    ),
  );
});

test('stacked shares are together as long as their sum', () => {
  expect(stackedCells([25, 25, 50], 8)).toEqual([2, 2, 4]);
  expect(stackedCells([0.4, 0.4, 0.4], 100)).toEqual([0, 1, 0]);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 60, noNaN: true })),
      fc.integer({ min: 0, max: 90 }),
      (shares, cells) => {
        const lengths = stackedCells(shares, cells);
        const sum = Math.min(
          100,
          shares.reduce((total, share) => total + share, 0),
        );
        for (const length of lengths) expect(length).toBeGreaterThanOrEqual(0);
        expect(
          Math.abs(lengths.reduce((total, length) => total + length, 0) - (sum / 100) * cells),
        ).toBeLessThanOrEqual(0.51);
      },
    ),
  );
});
