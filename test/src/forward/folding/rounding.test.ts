import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounded } from '../../../../src/forward/folding/rounding.ts';

test.each([
  [0.123_456, 4, 0.1235],
  [12.345, 0, 12],
  [1e300, 4, 1e300],
  [-0.5, 0, -0],
  [0.1 + 0.2, undefined, 0.300_000_000_000_000_04],
  [2 ** 53 - 1, 2, 2 ** 53 - 1],
])('%f with %j decimals is %f', (value, decimals, expected) => {
  expect(rounded(value, decimals)).toBe(expected);
});

test('what comes out is the shortest way to write it', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat({ max: 6 }), (value, decimals) => {
      const [, fraction = ''] = String(rounded(value, decimals)).split('.');
      if (!fraction.includes('e')) expect(fraction.length).toBeLessThanOrEqual(decimals);
      expect(Math.abs(rounded(value, decimals) - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
    }),
  );
});
