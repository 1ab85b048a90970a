import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { parseCpuinfoMhz } from '../../../workers/parse/cpuinfo.ts';
import { KeyedNumbers } from '../../../workers/parse/keyed_numbers.ts';
import { parseLoadavg } from '../../../workers/parse/loadavg.ts';
import { COLUMNS, CpuTimes, parseStat } from '../../../workers/parse/stat.ts';
import { parseLowWatermarkPages } from '../../../workers/parse/zoneinfo.ts';
import { MACHINES, MachineCopy } from '../../support/machine.ts';

/** Bytes that look a little like a kernel table, and bytes that do not. */
const tableBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        'cpu',
        'cpu0',
        'cpu99999',
        ' ',
        '  ',
        '12',
        '-7',
        '18446744073709551616',
        ':',
        '\n',
        'MemTotal',
        'kB',
        '.',
      ),
    )
    .map((words) => Buffer.from(words.join(''))),
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

describe('whatever the bytes', () => {
  test('stat gives finite times or a refusal', () => {
    fc.assert(
      fc.property(tableBytes, (bytes) => {
        const times = new CpuTimes();
        if (!orRefusal(() => parseStat('stat', bytes, bytes.length, times))) return;
        expect(times.total.every(Number.isFinite)).toBe(true);
        expect(times.cores.subarray(0, times.coreCount * COLUMNS).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('loadavg gives finite averages or a refusal', () => {
    fc.assert(
      fc.property(tableBytes, (bytes) => {
        const out = new Float64Array(3);
        if (orRefusal(() => parseLoadavg('loadavg', bytes, bytes.length, out))) {
          expect(out.every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });

  test('keyed numbers are natural or absent, also when the next table is quite another', () => {
    const keyed = new KeyedNumbers(['MemTotal', 'cpu', 'cpu0'], ':');
    fc.assert(
      fc.property(tableBytes, (bytes) => {
        keyed.parse(Buffer.from(bytes), bytes.length);
        for (const value of keyed.values) expect(Number.isNaN(value) || value >= 0).toBe(true);
      }),
    );
  });

  test('cpuinfo and zoneinfo give a finite number or none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const mhz = parseCpuinfoMhz(text);
        expect(mhz === undefined || (Number.isFinite(mhz) && mhz > 0)).toBe(true);
        expect(Number.isFinite(parseLowWatermarkPages(text))).toBe(true);
      }),
    );
  });
});

test.each(MACHINES)('a number of /proc/stat on %s is exact up to 2^53', (machine) => {
  const copy = new MachineCopy(machine);
  const text = copy.read('proc/stat');
  copy.dispose();
  const times = new CpuTimes();
  const bytes = Buffer.from(text);
  parseStat('stat', bytes, bytes.length, times);
  const columns = /^cpu\s+(.*)$/m.exec(text)![1]!.split(/\s+/);
  for (const [index, column] of columns.slice(0, COLUMNS).entries())
    expect(times.total[index]).toBe(Number(column));
});
