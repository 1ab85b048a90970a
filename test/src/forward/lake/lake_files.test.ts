import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../../../src/forward/lake/lake_files.ts';
import { lakePath } from '../../../../src/forward/lake/lake_path.ts';
import type { Archive } from '../../../../src/history/archives/archive.ts';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { periodName } from '../../../../src/history/segments/outbox.ts';
import { literal } from '../../../../src/history/tables/schema.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2026, 10, 26, 10);

const lake = mkdtempSync(join(tmpdir(), 'hzstat-lake-files-'));
let archive: Archive;

/** A file of an hour as a host of some version wrote it. */
async function write(engine: Engine, host: string, columns: string): Promise<void> {
  const stem = periodName({ fromMs: FROM_MS, toMs: FROM_MS + HOUR_MS });
  const path = join(lake, lakePath({ table: 'cpu', host, fromMs: FROM_MS }, stem));
  mkdirSync(dirname(path), { recursive: true });
  const row = `SELECT make_timestamptz(${FROM_MS * 1_000}) AS "timestamp", ${columns}`;
  await engine.run(`COPY (${row}) TO ${literal(path)} (FORMAT parquet)`);
}

beforeAll(async () => {
  const engine = await Engine.open('128MB');
  await write(engine, "now's", '10.0::DOUBLE AS usage_percent, 3.0::DOUBLE AS user_percent');
  await write(engine, 'before/2', '20.0::DOUBLE AS usage_percent');
  await write(
    engine,
    'later',
    "'new' AS not_known_yet, 4.0::DOUBLE AS user_percent, 30.0::DOUBLE AS usage_percent",
  );
  engine.close();
  archive = openLake(lake, () => {});
});
afterAll(() => {
  archive.close();
  rmSync(lake, { recursive: true });
});

describe('files of hosts of different versions', () => {
  test('are united by the names of columns', async () => {
    const { rows } = await archive.query(
      'SELECT host, usage_percent, user_percent, load_avg_1m FROM cpu ORDER BY host',
    );
    expect(rows).toEqual([
      ['before/2', 20, null, null],
      ['later', 30, 4, null],
      ["now's", 10, 3, null],
    ]);
  });

  test('are rolled up host by host', async () => {
    const { rows } = await archive.query(
      'SELECT host, samples, usage_percent_max FROM cpu_1m WHERE usage_percent_max < 25 ORDER BY host',
    );
    expect(rows).toEqual([
      ['before/2', 1, 20],
      ["now's", 1, 10],
    ]);
  });

  test('are chosen by host, whatever it is called', async () => {
    const { rows } = await archive.query("SELECT usage_percent FROM cpu WHERE host = 'now''s'");
    expect(rows).toEqual([[10]]);
  });

  test('lend every table its column', async () => {
    const { rows } = await archive.query('DESCRIBE memory');
    expect(rows.slice(0, 2).map(([name]) => name)).toEqual(['timestamp', 'host']);
    expect(await archive.query('SELECT count(*) FROM memory')).toMatchObject({ rows: [[0]] });
  });
});
