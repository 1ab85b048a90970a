import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../support/history.ts';

let history: History;
let dataDir: string;
let remove: () => void;

beforeAll(async () => {
  ({ dataDir, remove } = temporaryDataDir());
  history = await History.open(settingsFor(dataDir));
  for (let sequence = 0; sequence < 20; sequence++) {
    const timeMs = START_MS + sequence * 100;
    history.record(packedAt(sequence, timeMs));
  }
  mkdirSync(join(dataDir, 'segments', 'sampling'), { recursive: true });
  symlinkSync('/etc', join(dataDir, 'segments', 'sampling', 'link'));
  writeFileSync('/tmp/hzstat-hostile.csv', 'secret\n1\n');
});

afterAll(async () => {
  await history.close();
  remove();
});

async function ask(sql: string): Promise<unknown> {
  return history.query(sql);
}

describe('legitimate questions', () => {
  test.each([
    'SELECT * FROM cpu',
    'FROM sampling',
    'WITH s AS (SELECT * FROM sampling) SELECT count(*) FROM s',
    'DESCRIBE cpu',
    'SHOW TABLES',
    'SHOW ALL TABLES',
    'SELECT column_name FROM information_schema.columns',
    'SUMMARIZE sampling',
    'VALUES (1), (2)',
    'TABLE memory',
    'SELECT 1;',
    '-- a comment\nSELECT /* another */ 1',
    "SELECT 'read_csv(''/etc/passwd'')' AS harmless",
    'SELECT time_bucket(INTERVAL 1 second, timestamp) AS t, max(sequence) FROM sampling GROUP BY t ORDER BY t',
    'SELECT quantile_cont(lateness_ms, [0.5, 0.99]) FROM sampling',
    'SELECT s.sequence, m.pgfault_per_sec FROM sampling s ASOF JOIN memory_bandwidth m USING (timestamp)',
    "SELECT * FROM sampling_collector PIVOT (avg(duration_ms) FOR collector IN ('memory_bandwidth'))",
  ])('%s', async (sql) => {
    await expect(ask(sql)).resolves.toHaveProperty('rows');
  });
});

describe('statements that do more than read are refused with what is allowed', () => {
  test.each([
    // files and what is like them
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('/tmp/x.parquet')",
    'SELECT * FROM "read_text"(\'/etc/passwd\')',
    "SELECT * FROM main.read_text('/etc/passwd')",
    "SELECT * FROM READ_TEXT ('/etc/passwd')",
    "SELECT * FROM read_text/**/('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/tmp/x.parquet')",
    "SELECT * FROM parquet_schema('/tmp/x.parquet')",
    "SELECT * FROM glob('/etc/*')",
    "FROM glob('*')",
    // text as SQL
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('cpu')",
    "SELECT json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "FROM json_execute_serialized_sql('{}')",
    // writing, changing, leaving
    "COPY cpu TO '/tmp/hzstat-hostile.parquet'",
    "COPY (SELECT 1) TO '/tmp/hzstat-hostile.parquet'",
    "COPY sampling FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/hzstat-hostile'",
    "IMPORT DATABASE '/tmp/hzstat-hostile'",
    "ATTACH '/tmp/hzstat-hostile.db'",
    "ATTACH ':memory:' AS other",
    'DETACH memory',
    'USE memory',
    'CREATE TABLE t (a INT)',
    'CREATE VIEW v AS SELECT 1',
    'CREATE MACRO m() AS 1',
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    'DROP VIEW cpu',
    'ALTER VIEW cpu RENAME TO gpu',
    'INSERT INTO cpu VALUES (1)',
    'UPDATE cpu SET usage_percent = 0',
    'DELETE FROM cpu',
    'TRUNCATE cpu',
    'WITH x AS (SELECT 1) DELETE FROM cpu',
    'VACUUM',
    'ANALYZE',
    'CHECKPOINT',
    'FORCE CHECKPOINT',
    'BEGIN',
    'COMMIT',
    'PREPARE p AS SELECT 1',
    'EXECUTE p',
    'DEALLOCATE p',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN SELECT 1',
    'INSTALL httpfs',
    'LOAD httpfs',
    'CALL pragma_version()',
    // settings
    "SET memory_limit = '100GB'",
    'SET threads = 64',
    'RESET memory_limit',
    'SET VARIABLE x = 1',
    'PRAGMA threads = 64',
    'PRAGMA database_list',
    'PRAGMA enable_profiling',
    'SELECT * FROM duckdb_settings()',
    // The catalogue, which has the paths of segments in it.
    'FROM pg_settings',
    'FROM pg_catalog.pg_settings',
    'FROM "pg_views"',
    'TABLE duckdb_views',
    'SUMMARIZE sqlite_master',
    'SELECT sql FROM sqlite_schema',
    'FROM information_schema.views',
    'FROM information_schema . "views"',
    'SELECT (SELECT max(definition) FROM pg_catalog.pg_views)',
    'SELECT * FROM duckdb_databases()',
    'SELECT * FROM duckdb_secrets()',
    'SELECT * FROM duckdb_views()',
    'SELECT * FROM duckdb_extensions()',
    "SELECT current_setting('allowed_directories')",
    "SELECT getenv('HOME')",
    // what a SELECT can still break
    "FROM enable_logging(storage = 'file')",
    'FROM disable_logging()',
    "SELECT write_log('x')",
    'FROM force_checkpoint()',
    'FROM checkpoint()',
    "SELECT nextval('s')",
    // two at once
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP VIEW cpu',
    'SELECT 1;--\nDROP VIEW cpu',
    'PIVOT sampling ON tick USING count(*)',
  ])('%s', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(REFUSED|INVALID)$/),
    });
  });

  test.each(["SELECT * FROM read_csv('/etc/passwd')", 'DROP VIEW cpu', 'SELECT 1; SELECT 2'])(
    'the refusal of %s says what is allowed',
    async (sql) => {
      await expect(ask(sql)).rejects.toMatchObject({
        code: 'QUERY_REFUSED',
        message: expect.stringContaining('SHOW TABLES'),
      });
    },
  );
});

describe('ways around', () => {
  test.each([
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '/tmp/hzstat-hostile.csv'",
    "SELECT * FROM '../../etc/passwd'",
    "FROM 'http://127.0.0.1:1/x.parquet'",
    "FROM 's3://bucket/x.parquet'",
  ])('%s finds nothing', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(REFUSED|INVALID)$/),
    });
  });

  test('a link out of the segments leads nowhere', async () => {
    await expect(ask(`FROM '${join(dataDir, 'segments/sampling/link/passwd')}'`)).rejects.toThrow();
  });

  test.each([
    '',
    ' ',
    ';',
    '--',
    '/* */',
    'SELEC 1',
    'SELECT * FROM nothing',
    'SELECT nothing FROM cpu',
    '\u0000',
    '🙂',
  ])('what is no statement is called so: %j', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(INVALID|REFUSED)$/),
    });
  });
});

describe('questions that ask for too much', () => {
  test.each([
    "SELECT length(repeat('x', 3000000000))",
    'SELECT list_sum(range(3000000000))',
    'SELECT list(i) FROM range(100000000000) t(i)',
    'SELECT * FROM range(100000000000) t(i) ORDER BY hash(i)',
    "SELECT string_agg(repeat('y', 1000000), '') FROM range(100000)",
  ])('%s ends with a code', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(OUT_OF_MEMORY|TIMEOUT)$/),
    });
  });

  test('that never end are ended', async () => {
    const endless = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r';
    await expect(ask(endless)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_(TIMEOUT|OUT_OF_MEMORY)$/),
    });
  });

  test('get as many rows as there may be, and are told that there are more', async () => {
    await expect(ask('SELECT * FROM range(50000)')).resolves.toMatchObject({
      row_count: 10_000,
      truncated: true,
    });
  });

  test('can be taken back', async () => {
    const abort = new AbortController();
    const asked = history.query('SELECT count(*) FROM range(100000000000)', abort.signal);
    setTimeout(() => abort.abort(), 200);
    await expect(asked).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  });

  test('do not keep others from being answered', async () => {
    const abort = new AbortController();
    const greedy = history.query('SELECT count(*) FROM range(100000000000)', abort.signal);
    await expect(ask('SELECT count(*) FROM sampling')).resolves.toMatchObject({ rows: [[20]] });
    abort.abort();
    await expect(greedy).rejects.toThrow();
  });
});

test('after all that history is as it was', async () => {
  await expect(ask('SELECT count(*), max(sequence) FROM sampling')).resolves.toMatchObject({
    rows: [[20, 19]],
  });
  expect(history.status).toMatchObject({ state: 'recording', lostSnapshots: 0 });
  expect(readdirSync('/tmp').filter((name) => /^hzstat-hostile(?!\.csv)/.test(name))).toEqual([]);
  expect(existsSync('/tmp/hzstat-hostile')).toBe(false);
});
