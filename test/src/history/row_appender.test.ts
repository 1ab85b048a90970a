import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../src/history/engine.ts';
import type { Cell } from '../../../src/history/schema.ts';

const TYPES = ['TIMESTAMPTZ', 'BIGINT', 'DOUBLE', 'VARCHAR', 'BOOLEAN'] as const;
/** More than two chunks of the engine's, the last one not full. */
const ROWS = 5_000;
const START_US = Date.UTC(2026, 0, 5) * 1_000;
const WHOLE = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1];
const BROKEN = [0, 0.1, -2.5, 1e300, 5e-324];
const TEXTS = ['', 'ok', 'a text that is longer than fits into a dozen bytes', 'größer 🙂'];

function row(index: number): Cell[] {
  const pick = <T>(values: readonly T[]): T | null =>
    index % 7 === 3 ? null : values[index % values.length]!;
  return [START_US + index, pick(WHOLE), pick(BROKEN), pick(TEXTS), pick([true, false])];
}

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.open('128MB');
});

afterAll(() => engine.close());

/** Appends rows to a new table and reads them back, in the order of their time. */
async function throughTheEngine(rows: readonly Cell[][]): Promise<unknown[][]> {
  await engine.run(
    `CREATE OR REPLACE TABLE t (${TYPES.map((type, index) => `c${index} ${type}`).join(', ')})`,
  );
  const appender = await engine.appender('t', TYPES);
  for (const cells of rows) {
    for (const cell of cells) appender.cell(cell);
    appender.endRow();
  }
  appender.close();
  const reader = await engine.connection.runAndReadAll(
    'SELECT epoch_us(c0)::DOUBLE, c1, c2, c3, c4 FROM t ORDER BY c0',
  );
  return reader.getRowsJS().map((cells) => cells.map((c) => (typeof c === 'bigint' ? Number(c) : c)));
}

test('rows come out of the engine as they went in, whatever chunk they were in', async () => {
  const rows = Array.from({ length: ROWS }, (_, index) => row(index));
  expect(await throughTheEngine(rows)).toEqual(rows);
});

test('nothing of the rows before is left in those of the next table', async () => {
  await throughTheEngine(Array.from({ length: 100 }, () => [START_US, null, null, null, null]));
  const rows: Cell[][] = [[START_US, 1, 2.5, 'three', true]];
  expect(await throughTheEngine(rows)).toEqual(rows);
});
