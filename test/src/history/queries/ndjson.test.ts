import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { AnswerRows } from '../../../../src/history/queries/answer_rows.ts';
import { writeNdjson } from '../../../../src/history/queries/ndjson.ts';

let engine: Engine;
let directory: string;
beforeAll(async () => {
  engine = await Engine.open('256MB');
  directory = mkdtempSync(join(tmpdir(), 'hzstat-ndjson-'));
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

async function linesOf(sql: string): Promise<string[]> {
  const path = join(directory, 'answer');
  const fd = openSync(path, 'w');
  await writeNdjson(await AnswerRows.of(engine, sql), fd);
  closeSync(fd);
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

test('a row is an object with its columns in their order', async () => {
  expect(await linesOf(`SELECT 1 AS b, 'x"y' AS "1", NULL AS "__proto__", 'é' AS "a b"`)).toEqual([
    '{"b":1,"1":"x\\"y","__proto__":null,"a b":"é"}',
  ]);
});

test('values are spelled as in the JSON of /query', async () => {
  const [line = ''] = await linesOf(`SELECT 9007199254740993::BIGINT AS large, 'nan'::DOUBLE AS none,
    '-inf'::DOUBLE AS least, TIMESTAMPTZ '2026-11-26 01:32:05.63424+00' AS at, [1, NULL] AS list, {'a': 1.5} AS parts`);
  expect(JSON.parse(line)).toEqual({
    large: '9007199254740993',
    none: 'NaN',
    least: '-Infinity',
    at: '2026-11-26T01:32:05.634240Z',
    list: [1, null],
    parts: { a: 1.5 },
  });
});

test('no rows are no lines, many are as many', async () => {
  expect(await linesOf('SELECT 1 AS a WHERE false')).toEqual([]);
  const lines = await linesOf(`SELECT i, repeat('é', 50) AS text FROM range(30000) t(i)`);
  expect(lines).toHaveLength(30_000);
  expect(lines.at(-1)).toBe(`{"i":29999,"text":"${'é'.repeat(50)}"}`);
});
