import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { FlatKeyed } from '../../../workers/cgroups/parse/flat_keyed.ts';
import {
  parseBlkio,
  parseIoStat,
  READ_BYTES,
  TRANSFERS,
  WRITE_BYTES,
} from '../../../workers/cgroups/parse/io_stat.ts';
import { parseNumber } from '../../../workers/cgroups/parse/single_number.ts';

const STACKED = new Set(['253:0', '9:0']);
const isStacked = (device: string): boolean => STACKED.has(device);
const COLUMNS = { read: READ_BYTES, write: WRITE_BYTES };

const words = [
  'usage_usec ',
  'user_usec ',
  'nr_periods ',
  'oom_kill ',
  '8:0 ',
  '253:0 ',
  'rbytes=',
  'wios=',
  'Read ',
  'Write ',
  'Total ',
  '12',
  '-7',
  '18446744073709551615',
  '999999999999999999999999',
  ' ',
  '\n',
];
const bytesLikeThese = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.constantFrom(...words)).map((parts) => Buffer.from(parts.join(''))),
);

/** Runs a parser, which may refuse its input with a code and nothing else. */
function orRefusal(parse: () => void): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(HzstatError);
    expect(error).toMatchObject({ code: 'SOURCE_MALFORMED' });
    return false;
  }
}

function flat(keys: readonly string[]): (text: string) => number[] {
  const parser = new FlatKeyed(keys);
  return (text) => {
    // Behind the content stands what was there before.
    const bytes = Buffer.from(`${text}usage_usec 99\nnr_periods 99\n`);
    parser.parse('cpu.stat', bytes, Buffer.byteLength(text));
    return [...parser.values];
  };
}

function ioStat(text: string): number[] {
  const out = new Float64Array(TRANSFERS).fill(Number.NaN);
  parseIoStat('io.stat', Buffer.from(text), text.length, isStacked, out);
  return [...out];
}

describe('keys with numbers', () => {
  const parse = flat(['usage_usec', 'nr_periods']);

  test.each([
    ['in any order', 'nr_periods 3\nusage_usec 12\n', [12, 3]],
    ['with others between', 'usage_usec 1\nuser_usec 5\nnr_periods 2\n', [1, 2]],
    ['without the rest', 'usage_usec 7\n', [7, Number.NaN]],
    ['none of them', 'user_usec 5\n', [Number.NaN, Number.NaN]],
    ['whose names begin alike', 'usage_usec_more 5\nusage_usec 6\n', [6, Number.NaN]],
  ])('%s', (_what, text, values) => {
    expect(parse(text)).toEqual(values);
  });

  test.each([
    ['cut off', 'usage_usec 12'],
    ['a key alone', 'usage_usec\n5\n'],
    ['no number', 'usage_usec max\n'],
    ['a negative one', 'usage_usec -1\n'],
    ['two numbers', 'usage_usec 1 2\n'],
    ['an empty line', 'usage_usec 1\n\n'],
    ['empty', ''],
  ])('refuses what is %s', (_what, text) => {
    expect(() => parse(text)).toThrow(/cpu\.stat/);
  });

  test('the first alone is that of the whole, or not known', () => {
    const parser = new FlatKeyed(['usage_usec', 'nr_periods']);
    const first = (text: string): number => parser.firstOf(Buffer.from(text), text.length);
    expect(first('usage_usec 12\n')).toBeNaN();
    parser.parse('cpu.stat', Buffer.from('usage_usec 12\n'), 14);
    expect(first('usage_usec 34\nnr_periods 5\n')).toBe(34);
    for (const text of [
      '',
      'usage_usec 3',
      'usage_usec x\n',
      'usage_usec \n',
      'nr_periods 5\n',
      'usage_usec 3\nnr_per',
    ])
      expect(first(text), text).toBeNaN();
  });

  test('whatever the bytes, gives natural numbers or a refusal, and the same for the same bytes', () => {
    const parser = new FlatKeyed(['usage_usec', 'nr_periods', 'oom_kill']);
    fc.assert(
      fc.property(bytesLikeThese, (bytes) => {
        const isParsed = orRefusal(() => parser.parse('x', bytes, bytes.length));
        const values = [...parser.values];
        const fresh = new FlatKeyed(['usage_usec', 'nr_periods', 'oom_kill']);
        expect(orRefusal(() => fresh.parse('x', bytes, bytes.length))).toBe(isParsed);
        if (!isParsed) return;
        expect([...fresh.values]).toEqual(values);
        for (const value of values) expect(Number.isNaN(value) || value >= 0).toBe(true);
      }),
    );
  });
});

describe('transfers', () => {
  test.each([
    ['nothing yet', '', [0, 0, 0, 0]],
    ['a device', '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=9 dios=9\n', [1, 2, 3, 4]],
    ['a device without numbers', '8:16 \n8:0 rbytes=1 wbytes=2 rios=3 wios=4\n', [1, 2, 3, 4]],
    [
      'what stands on others counts once',
      '253:0 rbytes=5 wbytes=5 rios=5 wios=5\n8:0 rbytes=1 wbytes=2 rios=3 wios=4\n',
      [1, 2, 3, 4],
    ],
    ['alone it counts', '253:0 rbytes=5 wbytes=6 rios=7 wios=8\n', [5, 6, 7, 8]],
  ])('%s', (_what, text, sums) => {
    expect(ioStat(text)).toEqual(sums);
  });

  test.each(['8:0 rbytes=x\n', 'sda rbytes=1\n', '8:0 rbytes=1'])('refuses %j', (text) => {
    expect(() => ioStat(text)).toThrow(/io\.stat/);
  });

  test('of version 1 fill two columns, without the line that adds them up', () => {
    const out = new Float64Array(TRANSFERS).fill(7);
    const text = '8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Total 3\n9:0 Read 1\n8:16 Read 10\nTotal 14\n';
    parseBlkio('blkio', Buffer.from(text), text.length, isStacked, COLUMNS, out);
    expect([...out]).toEqual([11, 2, 7, 7]);
  });

  test('whatever the bytes, are natural numbers or a refusal', () => {
    fc.assert(
      fc.property(bytesLikeThese, (bytes) => {
        const out = new Float64Array(TRANSFERS);
        for (const parse of [
          () => parseIoStat('x', bytes, bytes.length, isStacked, out),
          () => parseBlkio('x', bytes, bytes.length, isStacked, COLUMNS, out),
        ]) {
          if (orRefusal(parse)) for (const sum of out) expect(sum).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('one number', () => {
  test.each([
    ['0\n', 0],
    ['18446744073709551615\n', 2 ** 64],
  ])('%j', (text, value) => {
    expect(parseNumber('x', Buffer.from(text), text.length)).toBe(value);
  });

  test.each(['', '12', 'max\n', '1 2\n', '1\n2\n', '-1\n', ' 1\n', '999999999999999999999\n'])(
    'is not %j',
    (text) => {
      expect(() => parseNumber('x', Buffer.from(text), text.length)).toThrow(/^x /);
    },
  );
});
