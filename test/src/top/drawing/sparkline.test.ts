import { expect, test } from 'vitest';
import { ASCII_GLYPHS, BLOCK_GLYPHS } from '../../../../src/top/drawing/glyphs.ts';
import { level, sparkline } from '../../../../src/top/drawing/sparkline.ts';

test('one line: eight levels, a ground line for nothing, a blank for what is not known', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8, Number.NaN, 9], 8, 1, BLOCK_GLYPHS)).toEqual(['▁▁▂▃▄▅▆▇█ █']);
  expect(sparkline([0, 4, 8], 8, 1, ASCII_GLYPHS)).toEqual(['_-#']);
});

test('several lines are one chart', () => {
  expect(sparkline([0, 25, 50, 75, 100], 100, 2, BLOCK_GLYPHS)).toEqual(['   ▄█', '▁▄███']);
});

test('nothing at all is a flat line, not a full one', () => {
  expect(sparkline([0, 0], 0, 1, BLOCK_GLYPHS)).toEqual(['▁▁']);
  expect(sparkline([Number.NaN], Number.NaN, 2, BLOCK_GLYPHS)).toEqual([' ', ' ']);
});

test.each([
  [0, '▁'],
  [12.5, '▁'],
  [13, '▂'],
  [100, '█'],
  [200, '█'],
])('the level of %d %%', (percent, glyph) => {
  expect(level(percent, BLOCK_GLYPHS)).toBe(glyph);
});
