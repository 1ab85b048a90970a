import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { collected } from '../../support/collected.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../support/history.ts';

const SNAPSHOTS = 50;
const ROWS = 400_000;

const { dataDir, remove } = temporaryDataDir();
let history: History;
beforeAll(async () => {
  history = await History.open(settingsFor(dataDir));
  for (let i = 0; i < SNAPSHOTS; i++) history.record(packedAt(i, START_MS + i * 100));
});
afterAll(async () => {
  await history.close();
  remove();
});

/** Of this process: others may be exporting at this moment. */
const leftovers = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`hzstat-export-${process.pid}-`));

describe('an export', () => {
  test('has all rows, however many', async () => {
    let lines = 0;
    for await (const piece of history.export(`SELECT i FROM range(${ROWS}) t(i)`, 'csv')) {
      lines += Buffer.from(piece).toString().split('\n').length - 1;
    }
    expect(lines).toBe(ROWS + 1);
  });

  test('is Parquet that can be read', async () => {
    const bytes = await collected(history.export('SELECT sequence FROM sampling ORDER BY ALL', 'parquet'));
    expect(bytes.subarray(0, 4).toString()).toBe('PAR1');
    expect(bytes.subarray(-4).toString()).toBe('PAR1');
  });

  test('spells times as everything else does', async () => {
    const csv = await collected(history.export('SELECT timestamp FROM sampling ORDER BY ALL LIMIT 2', 'csv'));
    expect(csv.toString()).toBe('timestamp\n2026-01-05T10:00:00.000000Z\n2026-01-05T10:00:00.100000Z\n');
  });

  test('waits for whoever reads it, and takes no memory meanwhile', async () => {
    const pieces = history.export(`SELECT repeat('x', 1000) FROM range(${ROWS})`, 'csv');
    await pieces.next();
    const before = process.memoryUsage().rss;
    // What an engine that did not wait would have written in this time.
    await collected(history.export(`SELECT repeat('x', 1000) FROM range(20000)`, 'csv'));
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > 50e6) break;
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test.each([
    ['SELECT nothing FROM sampling', 'QUERY_INVALID'],
    ['DROP VIEW sampling', 'QUERY_REFUSED'],
    ["COPY sampling TO '/tmp/x'", 'QUERY_REFUSED'],
    ['SELECT 1; SELECT 2', 'QUERY_REFUSED'],
  ])('that cannot be made says so before its first piece: %s', async (sql, code) => {
    await expect(history.export(sql, 'csv').next()).rejects.toMatchObject({ code });
  });

  test('that fails in the middle is no complete one', async () => {
    const sql = `SELECT CASE WHEN i = ${ROWS - 1} THEN error('no more') ELSE i END FROM range(${ROWS}) t(i)`;
    await expect(collected(history.export(sql, 'csv'))).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });

  test('that keeps a core busy for ever is ended', async () => {
    const sql = 'SELECT sum(hash(i, j)) FROM range(1000000000) t(i), range(100) u(j)';
    await expect(collected(history.export(sql, 'csv'))).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  }, 60_000);

  test('that is taken back ends its process, and leaves nothing behind', async () => {
    const abort = new AbortController();
    const pieces = history.export(`SELECT i FROM range(100000000) t(i)`, 'csv', abort.signal);
    await pieces.next();
    abort.abort();
    await expect(collected(pieces)).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
    expect(leftovers()).toEqual([]);
  });

  test('keeps no question from being answered', async () => {
    const exports = Array.from({ length: 6 }, () =>
      history.export('SELECT i FROM range(1000000) t(i)', 'csv'),
    );
    const begun = exports.map((pieces) => pieces.next());
    await Promise.all(begun.slice(0, 2));
    expect((await history.query('SELECT count(*) FROM sampling')).rows).toEqual([[SNAPSHOTS]]);
    // Nobody reads on: those that wait have their turn when those before them are let go.
    for (const [index, pieces] of exports.entries()) {
      await begun[index];
      await pieces.return();
    }
    expect(leftovers()).toEqual([]);
  });
});

describe('a value in JSON', () => {
  test.each([
    ["'NaN'::DOUBLE", 'NaN'],
    ["'-inf'::FLOAT", '-Infinity'],
    ['9007199254740993', '9007199254740993'],
    ['7::BIGINT', 7],
    ['1.25::DECIMAL(10, 2)', 1.25],
    ["TIMESTAMPTZ '2026-11-26 01:32:05.63424+00'", '2026-11-26T01:32:05.634240Z'],
    ["TIMESTAMP '2026-11-26 01:32:05'", '2026-11-26T01:32:05.000000'],
    ["TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'", '1969-12-31T23:59:59.999999Z'],
    ["TIMESTAMPTZ 'infinity'", 'infinity'],
    ["DATE '2026-11-26'", '2026-11-26'],
    ["TIME '01:02:03.5'", '01:02:03.5'],
    ['INTERVAL 5 minutes', '00:05:00'],
    ["INTERVAL '1 month 3 days 2 hours'", '1 month 3 days 02:00:00'],
    ["[TIMESTAMPTZ '2026-11-26 00:00:00+00', NULL]", ['2026-11-26T00:00:00.000000Z', null]],
    ["{'a': 'nan'::DOUBLE, 'b': [1.5::DOUBLE]}", { a: 'NaN', b: [1.5] }],
    ["MAP {'x': INTERVAL 1 second}", [{ key: 'x', value: '00:00:01' }]],
    ['NULL', null],
    ['true', true],
  ])('%s', async (sql, expected) => {
    expect((await history.query(`SELECT ${sql} AS value`)).rows).toEqual([[expected]]);
  });
});

test('an answer in JSON has a bounded number of rows and bytes, and says so', async () => {
  const many = await history.query('SELECT i FROM range(20000) t(i)');
  expect(many).toMatchObject({ row_count: 10_000, truncated: true });
  const large = await history.query("SELECT repeat('x', 10000) FROM range(9000)");
  expect(large.truncated).toBe(true);
  expect(JSON.stringify(large.rows).length).toBeLessThan(17 * 1024 * 1024);
});
