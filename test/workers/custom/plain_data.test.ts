import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { plainData } from '../../../workers/custom/plain_data.ts';

describe('what a module delivers', () => {
  test('is copied, whatever its fields are called', () => {
    const inner = { length: 3 };
    const source = JSON.parse('{"__proto__": 1, "constructor": 2}');
    const copy = plainData({
      ...source,
      queues: { mail: inner },
      list: [1, null, 'x', true],
      absent: undefined,
    });
    inner.length = 4;
    expect(copy).toMatchObject({ queues: { mail: { length: 3 } }, list: [1, null, 'x', true] });
    expect(copy).not.toHaveProperty('absent');
    expect(Object.keys(plainData(source))).toEqual(['__proto__', 'constructor']);
  });

  test('has null for what is no number after all', () => {
    const sparse = [1];
    sparse[2] = 3;
    expect(plainData({ a: Number.NaN, b: Number.POSITIVE_INFINITY, sparse })).toEqual({
      a: null,
      b: null,
      sparse: [1, null, 3],
    });
  });

  const cycle: Record<string, unknown> = {};
  cycle.again = cycle;
  test.each([
    ['nothing', undefined, /nothing, not an object/],
    ['a number', 5, /a number, not an object/],
    ['a list', [1], /a list, not an object/],
    ['a date', new Date(0), /a Date, not an object/],
    ['a map inside', { a: { b: new Map() } }, /^a\.b is a Map/],
    ['a function', { run: () => 1 }, /^run is a function/],
    ['a bigint', { list: [1n] }, /^list\.0 is a bigint/],
    ['a symbol', { s: Symbol('s') }, /^s is a symbol/],
    ['a circle', cycle, /contains itself/],
    ['too much', { list: Array.from({ length: 1_001 }, (_, i) => i) }, /1000/],
    ['a book', { text: 'x'.repeat(1_001) }, /text is a text of more than 1000/],
  ])('is refused with the name of the field when it is %s', (_what, value, message) => {
    expect(() => plainData(value)).toThrow(message);
    expect(() => plainData(value)).toThrow(HzstatError);
  });

  test('whatever it is, is copied as JSON would or refused with a code', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withBigInt: true }), (value) => {
        let copy: unknown;
        try {
          copy = plainData({ value });
        } catch (error) {
          expect(error).toMatchObject({ code: 'COLLECTOR_BAD_DATA' });
          return;
        }
        expect(JSON.stringify(copy)).toBe(JSON.stringify({ value }));
      }),
    );
  });
});
