import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { AnswerRows } from '../../../../src/history/queries/answer_rows.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open('256MB');
});
afterAll(() => engine.close());

async function rowsOf(sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const chunk of await AnswerRows.of(engine, sql)) rows.push(...chunk);
  return rows;
}

test.each([
  ['SELECT 1 AS a, true AS b; -- done', [[1, true]]],
  ['FROM range(2)', [[0n], [1n]]],
  [
    'VALUES (1, NULL), (2, NULL)',
    [
      [1, null],
      [2, null],
    ],
  ],
  ['WITH a AS (SELECT 1 AS x) SELECT x FROM a WHERE false', []],
])('%s is answered with its own rows and nothing else', async (sql, rows) => {
  expect(await rowsOf(sql)).toEqual(rows);
});

test('rows come in their order', async () => {
  const rows = await rowsOf('SELECT i FROM range(100000) t(i) ORDER BY i DESC');
  expect(rows.map(([i]) => Number(i))).toEqual(Array.from({ length: 100_000 }, (_, index) => 99_999 - index));
});

test('columns are called as the question calls them, and have keys of their own', async () => {
  const { names, keys, types } = await AnswerRows.of(engine, 'SELECT 1 AS a, 2.5::DOUBLE AS a');
  expect(names).toEqual(['a', 'a']);
  expect(new Set(keys).size).toBe(2);
  expect(types).toEqual(['INTEGER', 'DOUBLE']);
});

test('an answer that fails in the middle does not look whole', async () => {
  const failing = `SELECT CASE WHEN i = 399999 THEN error('no more') ELSE i END FROM range(400000) t(i)`;
  await expect(rowsOf(failing)).rejects.toThrow('failed in the middle');
});

test('what is wrong with a question is told as the engine does', async () => {
  await expect(rowsOf('SELECT nothing FROM range(1)')).rejects.toThrow(/Binder Error.*nothing/);
});
