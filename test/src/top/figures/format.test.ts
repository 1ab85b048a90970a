import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byteRate,
  bytes,
  count,
  countRate,
  milliseconds,
  percent,
} from '../../../../src/top/figures/format.ts';

test.each([
  [0, '   0 B  '],
  [1023, '1023 B  '],
  [1024, '1.00 KiB'],
  [10_239, '10.0 KiB'],
  [1_047_552, '1023 KiB'],
  [1_048_570, '1.00 MiB'],
  [25_276_514_304, '23.5 GiB'],
  [9e15, '7.99 PiB'],
])('%d bytes', (value, expected) => {
  expect(bytes(value)).toBe(expected);
});

test('rates, counts, shares and times', () => {
  expect(byteRate(819_200)).toBe(' 800 KiB/s');
  expect(byteRate(12)).toBe('  12 B/s  ');
  expect(count(999.4)).toBe('  999');
  expect(count(999.6)).toBe('1.00k');
  expect(count(12.34)).toBe(' 12.3');
  expect(count(7)).toBe('    7');
  expect(countRate(36_200)).toBe('36.2k/s');
  expect(percent(100)).toBe('100.0 %');
  expect(percent(3.149)).toBe('  3.1 %');
  expect(milliseconds(0.253)).toBe('0.25 ms');
  expect(milliseconds(1_234)).toBe('1.23 s ');
});

test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])('%s is N/A in the same width', (value) => {
  for (const format of [bytes, byteRate, count, countRate, percent, milliseconds]) {
    const text = format(value);
    expect(text.trim()).toBe('N/A');
    expect(text).toHaveLength(format(1).length);
  }
});

test('nothing moves while a number changes', () => {
  const anyNumber = fc.double({ min: 0, max: 1e14, noNaN: true });
  fc.assert(
    fc.property(anyNumber, (value) => {
      expect(bytes(value)).toHaveLength(8);
      expect(byteRate(value)).toHaveLength(10);
      expect(count(value)).toHaveLength(5);
      expect(countRate(value)).toHaveLength(7);
      expect(percent(value % 99_999)).toHaveLength(7);
      expect(milliseconds(value % 9e6)).toHaveLength(7);
    }),
  );
});
