import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { NET_DEV_COLUMN, NetDevTable } from '../../../workers/parse/net_dev.ts';
import { MACHINES, readFixture } from '../../support/machine.ts';

const HEADER = `Inter-|   Receive                            |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier
`;
const counters = (first: number) => Array.from({ length: 16 }, (_, i) => first + i).join(' ');

/** Reads one text after the other into the same buffer, as a kept-open file does. */
class Reader {
  readonly table = new NetDevTable();
  readonly #buffer = Buffer.alloc(1 << 16);

  read(content: string | Uint8Array): NetDevTable {
    const bytes = Buffer.from(content);
    bytes.copy(this.#buffer);
    this.table.parse(this.#buffer, bytes.length);
    return this.table;
  }
}

const rowsOf = (table: NetDevTable) =>
  table.rows.map(({ name, counters }) => ({ name, counters: [...counters] }));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HzstatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('/proc/net/dev', () => {
  test('has sixteen counters per interface', () => {
    const [row] = new Reader().read(`${HEADER}  eth0: ${counters(1)}\n`).rows;
    expect(row?.name).toBe('eth0');
    expect([...row!.counters]).toEqual(Array.from({ length: 16 }, (_, i) => 1 + i));
    expect(row!.counters[NET_DEV_COLUMN.receivedBytes]).toBe(1);
    expect(row!.counters[NET_DEV_COLUMN.sentBytes]).toBe(9);
  });

  test.each([
    ['an alias', 'eth0:1: ', 'eth0:1'],
    ['an alias without a blank after the colon', 'eth0:1:', 'eth0:1'],
    ['no blank after the colon', '  eth0:', 'eth0'],
    ['a name as long as they get', 'br-3f9c2d1e8a77: ', 'br-3f9c2d1e8a77'],
    ['a name of digits', '  1234: ', '1234'],
    ['a name beyond ASCII', '  µ0: ', 'µ0'],
  ])('the name ends at the last colon: %s', (_, start, name) => {
    const table = new Reader().read(`${HEADER}${start}${counters(7)}\n`);
    expect(rowsOf(table)).toEqual([{ name, counters: Array.from({ length: 16 }, (_, i) => 7 + i) }]);
  });

  test('a row is recognised without being learned again, even when an alias begins with its name', () => {
    const reader = new Reader();
    reader.read(`${HEADER}eth0:${counters(1)}\n`);
    const [row] = reader.table.rows;
    const { generation } = reader.table;
    expect(reader.read(`${HEADER}eth0:${counters(5)}\n`).rows[0]).toBe(row);
    expect(reader.table.generation).toBe(generation);
    expect(reader.read(`${HEADER}eth0:1:${counters(9)}\n`).rows[0]?.name).toBe('eth0:1');
    expect(reader.table.generation).not.toBe(generation);
  });

  test.each([
    ['nothing', ''],
    ['no header', `eth0: ${counters(1)}\n`],
    ['no interface', HEADER],
    ['fifteen counters', `${HEADER}eth0: ${counters(1).replace(/ \d+$/, '')}\n`],
    ['a negative counter', `${HEADER}eth0: ${counters(1).replace('5', '-5')}\n`],
    ['a word for a counter', `${HEADER}eth0: ${counters(1).replace('5', 'five')}\n`],
    ['more digits than 64 bits have', `${HEADER}eth0: 1${'0'.repeat(20)} ${counters(1)}\n`],
    ['no colon', `${HEADER}eth0 ${counters(1)}\n`],
    ['no name', `${HEADER}  : ${counters(1)}\n`],
    ['an empty line', `${HEADER}\n`],
    ['no newline at the end', `${HEADER}eth0: ${counters(1)}`],
  ])('is malformed with %s', (_, content) => {
    expect(codeOf(() => new Reader().read(content))).toBe('SOURCE_MALFORMED');
  });

  test('counters beyond 2^53 keep their magnitude', () => {
    const table = new Reader().read(`${HEADER}eth0: 18446744073709551615 ${counters(1)}\n`);
    expect(table.rows[0]?.counters[0]).toBe(2 ** 64);
  });

  test('reading into a used table gives what a new one gives', () => {
    const names = fc.constantFrom('lo', 'eth0', 'eth0:1', 'eth1', 'veth12', 'wlan0');
    const table = fc
      .uniqueArray(fc.tuple(names, fc.array(fc.nat(), { minLength: 16, maxLength: 17 })), {
        selector: ([name]) => name,
        minLength: 1,
      })
      .map((rows) => HEADER + rows.map(([name, row]) => `${name.padStart(6)}:${row.join(' ')}\n`).join(''));
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
    const likely = fc
      .string({ unit: fc.constantFrom(...'eth0:19 \n\t-'), maxLength: 200 })
      .map((s) => HEADER + s);
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), likely), likely, (first, second) => {
        const reader = new Reader();
        for (const content of [first, second]) {
          const code = codeOf(() => reader.read(content));
          expect(['none', 'SOURCE_MALFORMED']).toContain(code);
          if (code !== 'none') continue;
          for (const { counters } of reader.table.rows) {
            expect(counters.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each(MACHINES)('cut off anywhere on %s, it is malformed or whole rows', (machine) => {
    const content = readFixture(machine, 'proc/net/dev');
    const reader = new Reader();
    const names = rowsOf(reader.read(content)).map(({ name }) => name);
    for (let length = 0; length < content.length; length++) {
      const code = codeOf(() => reader.read(content.subarray(0, length)));
      if (content[length - 1] === 10 && code === 'none') {
        expect(reader.table.rows.map(({ name }) => name)).toEqual(names.slice(0, reader.table.rows.length));
      } else expect(code).toBe('SOURCE_MALFORMED');
    }
  });
});
