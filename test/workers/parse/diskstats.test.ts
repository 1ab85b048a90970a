import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { DISKSTATS_COLUMN, DiskStatsTable } from '../../../workers/parse/diskstats.ts';
import { MACHINES, readFixture } from '../../support/machine.ts';

const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i).join(' ');

/** Reads one text after the other into the same buffer, as a kept-open file does. */
class Reader {
  readonly table = new DiskStatsTable();
  readonly #buffer = Buffer.alloc(1 << 16);

  read(content: string | Uint8Array): DiskStatsTable {
    const bytes = Buffer.from(content);
    bytes.copy(this.#buffer);
    this.table.parse(this.#buffer, bytes.length);
    return this.table;
  }
}

const rowsOf = (table: DiskStatsTable) =>
  table.rows.map(({ name, major, minor, fields }) => ({ name, major, minor, fields: [...fields] }));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HzstatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('/proc/diskstats', () => {
  test.each([11, 12, 15, 17, 19, 40])('a row of %d fields has the first eleven', (count) => {
    const table = new Reader().read(`   8       0 sda ${numbers(count)}\n`);
    const fields = Array.from({ length: 11 }, (_, i) => 1 + i);
    expect(rowsOf(table)).toEqual([{ name: 'sda', major: 8, minor: 0, fields }]);
  });

  test('a partition of an old kernel has four: reads, sectors read, writes, sectors written', () => {
    const { fields } = new Reader().read('   8       1 sda1 700 9000 50 400\n').rows[0]!;
    expect(fields[DISKSTATS_COLUMN.reads]).toBe(700);
    expect(fields[DISKSTATS_COLUMN.sectorsRead]).toBe(9000);
    expect(fields[DISKSTATS_COLUMN.writes]).toBe(50);
    expect(fields[DISKSTATS_COLUMN.sectorsWritten]).toBe(400);
    expect(fields[DISKSTATS_COLUMN.readMs]).toBe(0);
  });

  test('a name may hold a slash', () => {
    expect(new Reader().read(` 104       0 cciss/c0d0 ${numbers(11)}\n`).rows[0]?.name).toBe('cciss/c0d0');
  });

  test('a host without block devices has an empty table', () => {
    expect(new Reader().read('').rows).toEqual([]);
  });

  test('a row that nobody needs is recognised but not read', () => {
    const reader = new Reader();
    const [loop, sda] = reader.read(`7 0 loop0 ${numbers(11)}\n8 0 sda ${numbers(11)}\n`).rows;
    loop!.ignored = true;
    const { generation } = reader.table;
    reader.read(`7 0 loop0 ${numbers(11, 50)}\n8 0 sda ${numbers(11, 50)}\n`);
    expect(reader.table.generation).toBe(generation);
    expect(loop?.fields[0]).toBe(1);
    expect(sda?.fields[0]).toBe(50);
  });

  test.each([
    ['five fields', `8 0 sda ${numbers(5)}\n`],
    ['ten fields', `8 0 sda ${numbers(10)}\n`],
    ['a negative field', `8 0 sda 1 2 -3 ${numbers(11)}\n`],
    ['a word for a field', `8 0 sda 1 2 three ${numbers(11)}\n`],
    ['no device number', `sda ${numbers(17)}\n`],
    ['nothing but a device number', '8 0\n'],
    ['no fields', '8 0 sda\n'],
    ['an empty line', '\n'],
    ['no newline at the end', `8 0 sda ${numbers(11)}`],
  ])('is malformed with %s', (_, content) => {
    expect(codeOf(() => new Reader().read(content))).toBe('SOURCE_MALFORMED');
  });

  test('reading into a used table gives what a new one gives', () => {
    const device = fc.constantFrom(
      '8 0 sda',
      '8 1 sda1',
      '8 16 sdb',
      '8 10 sda10',
      '259 0 nvme0n1',
      '0 0 nvme0n1',
    );
    const table = fc
      .uniqueArray(fc.tuple(device, fc.array(fc.nat(), { minLength: 11, maxLength: 20 })), {
        selector: ([name]) => name,
      })
      .map((rows) => rows.map(([name, row]) => `  ${name} ${row.join(' ')}\n`).join(''));
    fc.assert(
      fc.property(fc.array(table, { minLength: 2, maxLength: 6 }), (contents) => {
        const reader = new Reader();
        for (const content of contents) {
          expect(rowsOf(reader.read(content))).toEqual(rowsOf(new Reader().read(content)));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('any bytes are either rows of plain numbers or malformed', () => {
    const likely = fc.string({ unit: fc.constantFrom(...'sda019  \n\t-'), maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), likely), likely, (first, second) => {
        const reader = new Reader();
        for (const content of [first, second]) {
          const code = codeOf(() => reader.read(content));
          expect(['none', 'SOURCE_MALFORMED']).toContain(code);
          if (code !== 'none') continue;
          for (const { fields } of reader.table.rows) {
            expect(fields.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each(MACHINES)('cut off anywhere on %s, it is malformed or whole rows', (machine) => {
    const content = readFixture(machine, 'proc/diskstats');
    const reader = new Reader();
    const names = rowsOf(reader.read(content)).map(({ name }) => name);
    for (let length = 1; length < content.length; length++) {
      const code = codeOf(() => reader.read(content.subarray(0, length)));
      if (content[length - 1] === 10) {
        expect(code).toBe('none');
        expect(reader.table.rows.map(({ name }) => name)).toEqual(names.slice(0, reader.table.rows.length));
      } else expect(code).toBe('SOURCE_MALFORMED');
    }
  });
});
