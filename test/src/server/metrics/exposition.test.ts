import { describe, expect, test } from 'vitest';
import { counter, forEach, gauge, rowsBy, type Value } from '../../../../src/series/family.ts';
import { exposition } from '../../../../src/server/metrics/exposition.ts';

const one = (value: Value): string => exposition([gauge<Value>('hzstat_x', 'Help.', (data) => data)], value);

describe('one value', () => {
  test('is declared, then told', () => {
    expect(one(1.5)).toBe('# HELP hzstat_x Help.\n# TYPE hzstat_x gauge\nhzstat_x 1.5\n');
  });

  test.each([
    [0, '0'],
    [-0, '0'],
    [true, '1'],
    [false, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2 ** 64, '18446744073709552000'],
    [1e-7, '1e-7'],
    [1e300, '1e+300'],
  ])('%j is written as %s', (value, written) => {
    expect(one(value).split('\n').at(-2)).toBe(`hzstat_x ${written}`);
  });

  test.each([[null], [undefined], [Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
    '%s is not mentioned at all',
    (value) => {
      expect(one(value)).toBe('');
    },
  );
});

test('help is escaped', () => {
  const text = exposition([counter<number>('hzstat_x_total', 'a \\ and\na line', (data) => data)], 1);
  expect(text.split('\n')[0]).toBe('# HELP hzstat_x_total a \\\\ and\\na line');
});

test('rows stand together, family by family, without those that are missing', () => {
  const families = forEach<Record<string, number[]>, number[]>(
    (rows) => rowsBy('device', rows),
    [
      counter('hzstat_a_total', 'A.', ([a]) => a),
      gauge('hzstat_b', 'B.', ([, b]) => b),
      gauge('hzstat_c', 'C.', ([, , c]) => c),
    ],
  );
  expect(exposition(families, { vda: [1, 2], vdb: [3] })).toBe(
    `# HELP hzstat_a_total A.
# TYPE hzstat_a_total counter
hzstat_a_total{device="vda"} 1
hzstat_a_total{device="vdb"} 3
# HELP hzstat_b B.
# TYPE hzstat_b gauge
hzstat_b{device="vda"} 2
`,
  );
});
