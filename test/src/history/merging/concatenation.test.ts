import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { concatenate } from '../../../../src/history/merging/concatenation.ts';
import { readStruct, writeStruct } from '../../../../src/history/segments/thrift.ts';

const directory = mkdtempSync(join(tmpdir(), 'hzstat-concatenation-'));
const path = (name: string): string => join(directory, `${name}.parquet`);
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open('256MB');
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const ROWS = `SELECT TIMESTAMPTZ '2026-01-05 10:00:00Z' + INTERVAL 1 millisecond * i AS timestamp,
  i AS counter, -i * 1000000000000 AS large, CASE WHEN i % 7 = 0 THEN NULL ELSE i / 3 END AS gauge,
  CASE WHEN i % 5 = 0 THEN NULL ELSE 'text ' || i % 11 END AS "a label"`;

async function write(name: string, from: number, to: number, options = ''): Promise<string> {
  const query = `${ROWS} FROM range(${from}, ${to}) AS r(i)`;
  await engine.run(`COPY (${query}) TO '${path(name)}' (FORMAT parquet, COMPRESSION zstd ${options})`);
  return path(name);
}

async function rowsOf(from: string): Promise<unknown> {
  return (await engine.connection.runAndReadAll(`FROM ${from}`)).getRowsJson();
}

const footerOf = (file: string): Buffer => {
  const bytes = readFileSync(file);
  const length = bytes.readUInt32LE(bytes.length - 8);
  return bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
};

describe('files put together', () => {
  test('have the rows of all of them, in that order', async () => {
    const inputs = [
      await write('plain', 0, 100),
      await write('groups', 100, 50_000, ', ROW_GROUP_SIZE 2048'),
      await write('filtered', 50_000, 60_000, ', WRITE_BLOOM_FILTER true, DICTIONARY_SIZE_LIMIT 100000'),
      await write('uncompressed', 60_000, 70_000, ', PARQUET_VERSION V2'),
      await write('none', 0, 0),
    ];
    concatenate(inputs, path('all'));
    expect(await rowsOf(`'${path('all')}'`)).toEqual(await rowsOf(`(${ROWS} FROM range(70000) AS r(i))`));
    const counted = `(SELECT sum(row_group_num_rows) FROM (SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path('all')}')))`;
    expect(await rowsOf(counted)).toEqual([['70000']]);
    // Found by its statistics, and by filters where there are any.
    const some = `(SELECT counter FROM '${path('all')}' WHERE counter IN (99, 100, 49999, 50000, 69999))`;
    expect(await rowsOf(some)).toEqual([['99'], ['100'], ['49999'], ['50000'], ['69999']]);
  });

  test('can be put together again', async () => {
    const [a, b, c] = [await write('a', 0, 10), await write('b', 10, 20), await write('c', 20, 30)];
    concatenate([a, b], path('a and b'));
    concatenate([path('a and b'), c], path('a, b and c'));
    expect(await rowsOf(`'${path('a, b and c')}'`)).toEqual(await rowsOf(`(${ROWS} FROM range(30) AS r(i))`));
  });

  test('must have the same columns', async () => {
    await engine.run(`COPY (SELECT 1 AS other) TO '${path('other')}' (FORMAT parquet)`);
    const inputs = [await write('usual', 0, 10), path('other')];
    expect(() => concatenate(inputs, path('mixed'))).toThrow(RangeError);
  });

  test.each([
    ['empty', 0],
    ['cut off', 200],
  ])('are refused when one is %s', async (name, bytes) => {
    const file = await write(name, 0, 1_000);
    truncateSync(file, bytes);
    expect(() => concatenate([file], path('refused'))).toThrow(RangeError);
  });

  test('are refused when a footer is something else, whatever it is', async () => {
    const file = await write('damaged', 0, 1_000);
    const whole = readFileSync(file);
    const length = whole.readUInt32LE(whole.length - 8);
    for (let at = whole.length - 8 - length; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      writeFileSync(file, bytes);
      try {
        concatenate([file], path('maybe'));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  test('are closed, whatever happens', async () => {
    const before = openSync('/dev/null', 'r');
    closeSync(before);
    for (let i = 0; i < 20; i++) expect(() => concatenate([path('nowhere')], path('nothing'))).toThrow();
    const after = openSync('/dev/null', 'r');
    closeSync(after);
    expect(after).toBe(before);
  });
});

test('a footer that was read is written as it was', async () => {
  for (const options of ['', ', ROW_GROUP_SIZE 2048', ', WRITE_BLOOM_FILTER true', ', PARQUET_VERSION V2']) {
    const footer = footerOf(await write('footer', 0, 50_000, options));
    expect(Buffer.from(writeStruct(readStruct(footer)))).toEqual(footer);
  }
});
