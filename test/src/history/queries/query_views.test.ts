import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { snapshotsIn } from '../../../../src/history/journal/journal_snapshots.ts';
import { createTables } from '../../../../src/history/queries/query_views.ts';
import { Sealer } from '../../../../src/history/sealing/sealer.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import { ROLLUPS, rollupName } from '../../../../src/history/tables/rollup.ts';
import { literal, TABLES } from '../../../../src/history/tables/schema.ts';
import { framesOf, packedAt, START_MS, temporaryDataDir } from '../../../support/history.ts';

const { dataDir, remove } = temporaryDataDir();
const SNAPSHOTS = 20;
let segments: Segment[] = [];

beforeAll(async () => {
  const sealer = new Sealer();
  const frames = framesOf(Array.from({ length: SNAPSHOTS }, (_, i) => packedAt(i, START_MS + i * 100)));
  segments = await sealer.seal(dataDir, `m-${START_MS}-test-0`, snapshotsIn(frames));
  sealer.close();
});

afterAll(remove);

/** The rows of an answer, of views made for that question alone. */
async function ask(sql: string, from: readonly Segment[] = segments): Promise<unknown[][]> {
  const engine = await Engine.open('128MB');
  try {
    await createTables(engine, { dataDir, segments: from, sql });
    return (await engine.connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    engine.close();
  }
}

describe('the tables of a question', () => {
  test.each([
    ['written out', 'SELECT count(*)::INTEGER FROM memory_bandwidth'],
    ['in capitals', 'SELECT COUNT(*)::INTEGER FROM MEMORY_BANDWIDTH'],
    ['in quotes', 'SELECT count(*)::INTEGER FROM "memory_bandwidth"'],
    ['put together', "SELECT count(*)::INTEGER FROM query_table('memory_' || 'bandwidth')"],
    ['in SQL that is put together', "SELECT count(*)::INTEGER FROM query('FROM memory_' || 'bandwidth')"],
    ['escaped', "SELECT count(*)::INTEGER FROM e'memory\\x5fbandwidth'"],
  ])('are there with their rows, %s', async (_, sql) => {
    expect(await ask(sql)).toEqual([[SNAPSHOTS]]);
  });

  test('include rollups, made of minutes on the fly', async () => {
    const rows = await ask('SELECT samples::INTEGER FROM memory_bandwidth_1s ORDER BY timestamp');
    expect(rows).toEqual([[SNAPSHOTS / 2], [SNAPSHOTS / 2]]);
  });

  test('include rollups of counters and gauges, NULL where nothing was measured', async () => {
    const [row] = await ask(`
      SELECT typeof(samples), samples::INTEGER, typeof(tick_avg), tick_min::INTEGER, tick_avg, tick_max::INTEGER,
        typeof(tick_last), tick_last::INTEGER, typeof(cpu_percent_avg), cpu_percent_min, cpu_percent_avg,
        round(lateness_ms_avg, 6)
      FROM sampling_1m`);
    const last = SNAPSHOTS - 1;
    const tick = ['DOUBLE', 0, last / 2, last, 'BIGINT', last];
    expect(row).toEqual(['BIGINT', SNAPSHOTS, ...tick, 'DOUBLE', null, null, 0.25]);
  });

  test.each(['SHOW TABLES', 'SELECT table_name FROM information_schema.tables'])(
    'are all shown by %s',
    async (sql) => {
      const names = TABLES.flatMap((table) => [table.name, ...ROLLUPS.map((r) => rollupName(table, r))]);
      names.push('incident', 'incident_process', 'mark', 'sampler_event');
      expect((await ask(sql)).flat().sort()).toEqual(names.sort());
    },
  );

  test('are suggested when there is none of that name', async () => {
    await expect(ask('SELECT * FROM memory_bandwith')).rejects.toThrow(/memory_bandwidth/);
  });
});

test('a column that segments of an older version lack is NULL in their rows', async () => {
  const file = join('segments', 'sampling', 'm-0-old-0.parquet');
  mkdirSync(join(dataDir, 'segments', 'sampling'), { recursive: true });
  const engine = await Engine.open('128MB');
  await engine.run(
    `COPY (SELECT TIMESTAMPTZ '2026-01-01' AS timestamp, 7::BIGINT AS sequence) TO ${literal(join(dataDir, file))}`,
  );
  engine.close();
  const old: Segment = {
    table: 'sampling',
    file,
    level: 'minute',
    fromMs: 0,
    toMs: 0,
    rows: 1,
    bytes: 1,
  };
  const sql = 'SELECT sequence::INTEGER, lateness_ms FROM sampling ORDER BY timestamp LIMIT 2';
  expect(await ask(sql, [old])).toEqual([[7, null]]);
  expect(await ask(sql, [...segments, old])).toEqual([
    [7, null],
    [0, 0.25],
  ]);
});
