import { describe, expect, test } from 'vitest';
import { parseUsagePerCpu } from '../../../workers/parse/cpuacct.ts';
import { parseSchedstat } from '../../../workers/parse/schedstat.ts';

type Parse = (path: string, bytes: Uint8Array, length: number, out: Float64Array) => unknown;

function parsed(parse: Parse, text: string): number[] {
  const out = new Float64Array(4).fill(Number.NaN);
  const bytes = Buffer.from(text);
  parse('a file', bytes, bytes.length, out);
  return [...out];
}

describe('cpuacct.usage_percpu', () => {
  test('has a number for each possible CPU', () => {
    expect(parsed(parseUsagePerCpu, '45783043343 55749251427 \n')).toEqual([
      45_783_043_343,
      55_749_251_427,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test.each(['', '\n', 'nonsense\n', '12 x\n', '12 13'])('%j is refused', (text) => {
    expect(() => parsed(parseUsagePerCpu, text)).toThrow(/a file/);
  });
});

describe('/proc/schedstat', () => {
  const cpu = (id: number, ns: number) => `cpu${id} 0 0 7 6 5 4 ${ns} 32 123\ndomain0 MC 3 1 2 3\n`;

  test('has the time run of each CPU that is online', () => {
    const text = `version 17\ntimestamp 4295148296\n${cpu(0, 2_142_378_934)}${cpu(2, 99)}`;
    expect(parsed(parseSchedstat, text)).toEqual([2_142_378_934, Number.NaN, 99, Number.NaN]);
  });

  test('of CPUs beyond the array is left out', () => {
    expect(parsed(parseSchedstat, `version 15\ntimestamp 1\n${cpu(9, 5)}`)).toEqual(
      Array(4).fill(Number.NaN),
    );
  });

  test.each(['', `version 14\ntimestamp 1\n${cpu(0, 5)}`, cpu(0, 5), 'version 15\ntimestamp 1\ncpu0 1'])(
    '%j is refused',
    (text) => {
      expect(() => parsed(parseSchedstat, text)).toThrow(/a file/);
    },
  );
});
