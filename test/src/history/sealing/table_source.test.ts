import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { HEADER_SLOTS, UNIX_US } from '../../../../src/history/rows/row_header.ts';
import type { SnapshotRows } from '../../../../src/history/rows/snapshot_rows.ts';
import { ColumnBuffers } from '../../../../src/history/sealing/column_buffer.ts';
import { TableSource } from '../../../../src/history/sealing/table_source.ts';
import type { Table } from '../../../../src/history/tables/schema.ts';
import type { RowPlan, TablePlan } from '../../../../src/history/tables/table_plan.ts';
import { fillRow } from '../../../../src/records/fill_row.ts';
import { layoutOf, TEXT_SLOTS } from '../../../../src/records/layout.ts';
import { Slot } from '../../../../src/records/slot.ts';

const TABLE: Table = {
  name: 't',
  labels: ['label'],
  columns: [
    { name: 'whole', kind: 'counter', digits: 0 },
    { name: 'broken', kind: 'gauge', digits: 2 },
    { name: 'state', kind: 'text', digits: 0 },
  ],
  rows: () => [],
};
/** More than two chunks of the engine's, the last one not full. */
const SNAPSHOTS = 2_500;
const START_US = Date.UTC(2026, 0, 5) * 1_000;
const WHOLE = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 51, 1 - 2 ** 51];
const BROKEN = [0, 0.1, -2.5, 1e9, 12.34];
const STATES = ['', 'ok', 'thirteen char', 'warming_up', 'a text just short enough'];
const LABELS = ['ü', 'exactly 12 b', 'exactly 13 by', '/a/mount/point that is rather long, größer 🙂'];

const pick = <T>(values: readonly T[], index: number): T => values[index % values.length]!;
const wholeAt = (index: number): number | null => (index % 7 === 3 ? null : pick(WHOLE, index));
const brokenAt = (index: number): number | null => (index % 11 === 5 ? null : pick(BROKEN, index));
const stateAt = (index: number): string => pick(STATES, index >> 3);

const changing = { whole: 1, broken: 1, state: 'another' };
const LAYOUT = layoutOf(changing, layoutOf({ whole: 1, broken: 1, state: '' }));
const STRIDE = HEADER_SLOTS + 2 + TEXT_SLOTS;

function snapshots(count: number): SnapshotRows {
  const rows = new Float64Array(STRIDE * count);
  for (let i = 0; i < count; i++) {
    rows[i * STRIDE + UNIX_US] = START_US + i;
    const values = { whole: wholeAt(i), broken: brokenAt(i), state: stateAt(i) };
    fillRow(values, LAYOUT, rows, i * STRIDE + HEADER_SLOTS);
  }
  return { layout: LAYOUT, rows, stride: STRIDE, count };
}

const TIME = new Slot(UNIX_US, 'number');
const ROWS: readonly RowPlan[] = LABELS.map((label) => [
  TIME,
  label,
  new Slot(HEADER_SLOTS, 'number'),
  new Slot(HEADER_SLOTS + 1, 'number'),
  new Slot(HEADER_SLOTS + 2, 'text'),
]);
const [ROW = []] = ROWS;

let engine: Engine;
let source: TableSource;
let plan: TablePlan = { rows: [], numbers: [] };

beforeAll(async () => {
  engine = await Engine.open('128MB');
  source = new TableSource(TABLE, new ColumnBuffers(), () => plan);
  engine.provide(source.asFunction());
});

afterAll(() => engine.close());

async function throughTheEngine(
  planned: Partial<TablePlan>,
  ...snapshots: SnapshotRows[]
): Promise<unknown[][]> {
  plan = { rows: [], numbers: [], ...planned };
  source.begin(snapshots);
  const reader = await engine.connection.runAndReadAll(
    `SELECT epoch_us("timestamp")::DOUBLE, label, whole, broken, state FROM ${source.name}()`,
  );
  const rows = reader.getRowsJS();
  expect(rows).toHaveLength(source.rows);
  return rows.map((cells) => cells.map((c) => (typeof c === 'bigint' ? Number(c) : c)));
}

describe('rows', () => {
  test('come out of the engine as they went in, snapshot by snapshot, whatever chunk they were in', async () => {
    const expected = Array.from({ length: SNAPSHOTS }, (_, i) =>
      LABELS.map((label) => [START_US + i, label, wholeAt(i), brokenAt(i), stateAt(i)]),
    ).flat();
    expect(await throughTheEngine({ rows: ROWS }, snapshots(SNAPSHOTS))).toEqual(expected);
  });

  test('of the table before leave nothing in the next', async () => {
    await throughTheEngine(
      { rows: ROWS.map(() => [TIME, 'a label that is kept elsewhere', null, null, null]) },
      snapshots(100),
    );
    expect(await throughTheEngine({ rows: [ROW] }, snapshots(1))).toEqual([[START_US, LABELS[0], 0, 0, '']]);
  });

  test('are left out where their only number is missing', async () => {
    const found = await throughTheEngine({ numbers: [[HEADER_SLOTS, ROW]] }, snapshots(14));
    expect(found.map(([us]) => Number(us) - START_US)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13]);
  });

  test('of a host with more of something than a chunk has rows are all there', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => [TIME, `${index}`, index, null, null]);
    const found = await throughTheEngine({ rows: many }, snapshots(3));
    expect(found).toHaveLength(9_000);
    expect(new Set(found.map(([us, label]) => `${us} ${label}`)).size).toBe(9_000);
  });

  test('are rounded to what they mean, and have NULL where a number is not finite', async () => {
    const some = snapshots(3);
    for (const [index, value] of [12.3456, Number.POSITIVE_INFINITY, -0.004].entries()) {
      some.rows[index * STRIDE + HEADER_SLOTS] = value;
      some.rows[index * STRIDE + HEADER_SLOTS + 1] = value;
    }
    const found = await throughTheEngine({ rows: [ROW] }, some);
    expect(found.map(([, , whole, broken]) => [whole, broken])).toEqual([
      [12, 12.35],
      [null, null],
      [0, 0],
    ]);
  });

  test('of one run of snapshots follow those of the run before in the same chunk', async () => {
    const runs = [3, 700, 1, 511, 1_500].map((count) => snapshots(count));
    const found = await throughTheEngine({ rows: ROWS }, ...runs);
    const expected = runs.flatMap(({ count }) =>
      Array.from({ length: count }, (_, i) =>
        LABELS.map((label) => [START_US + i, label, wholeAt(i)]),
      ).flat(),
    );
    expect(found.map(([us, label, whole]) => [us, label, whole])).toEqual(expected);
  });

  test('are all there again after the engine stopped asking half-way', async () => {
    plan = { rows: ROWS, numbers: [] };
    source.begin([snapshots(SNAPSHOTS)]);
    await engine.connection.runAndReadAll(`SELECT * FROM ${source.name}() LIMIT 1`);
    const [first, ...others] = await throughTheEngine(
      { rows: [[TIME, 'x', null, null, null]] },
      snapshots(1),
    );
    expect([first, others]).toEqual([[START_US, 'x', null, null, null], []]);
  });

  test('that cannot be made fail the statement with the reason', async () => {
    plan = { rows: ROWS, numbers: [] };
    source.begin([{ ...snapshots(1), rows: undefined as unknown as Float64Array }]);
    await expect(engine.run(`SELECT * FROM ${source.name}()`)).rejects.toThrow(/undefined/);
  });
});

test('what is called directly is what the library of the engine calls', () => {
  const require = createRequire(import.meta.url);
  const bindings = '@duckdb/node-bindings';
  const ofLibrary = require.resolve(bindings, { paths: [require.resolve('@duckdb/node-api')] });
  expect(require.resolve(bindings)).toBe(ofLibrary);
});
