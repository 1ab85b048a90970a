import { expect, test } from 'vitest';
import { Grid } from '../../../../src/top/drawing/grid.ts';
import { fitted, wrapped } from '../../../../src/top/drawing/plain_text.ts';
import { Region } from '../../../../src/top/drawing/region.ts';

function shown(text: string, width = 20): string {
  const grid = new Grid(width, 1);
  new Region(grid, 0, 0, width, 1).text(0, 0, text);
  return grid.rows()[0]!;
}

test.each([
  ['/mnt/données', '/mnt/données'],
  ['▁▂█ ▕▏ · … ×', '▁▂█ ▕▏ · … ×'],
  ['a\x1b[2Jb', 'a?[2Jb'],
  ['a\nb\tc\x7f', 'a?b?c?'],
  ['漢字', '??'],
  ['e\u0301', 'e?'],
  ['😀!', '?!'],
  ['\u202Eabc', '?abc'],
])('%j can do no harm', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('what is too long is cut at the edge, wherever it begins', () => {
  expect(shown('abcdefgh', 4)).toBe('abcd');
  const grid = new Grid(6, 2);
  const part = new Region(grid, 0, 0, 6, 2).part(2, 0, 3, 1);
  part.text(-1, 0, 'abcdef');
  part.text(0, 1, 'below');
  part.textRight(0, 'z');
  expect(grid.rows()).toEqual(['  bcz', '']);
});

test('names are filled up or cut with a sign', () => {
  expect(fitted('eth0', 6, '…')).toBe('eth0  ');
  expect(fitted('enp0s31f6', 6, '…')).toBe('enp0s…');
  expect(fitted('eth0', 0, '…')).toBe('');
});

test('sentences are broken between words, words where there is no other way', () => {
  expect(wrapped('no room for all of this', 10)).toEqual(['no room', 'for all of', 'this']);
  expect(wrapped('incomprehensible', 6)).toEqual(['incomp', 'rehens', 'ible']);
  expect(wrapped('', 6)).toEqual([]);
});
