import { expect, test } from 'vitest';
import { Engine } from '../../../src/history/engine/engine.ts';
import { ROLLUPS, rollupQuery, secondsQuery } from '../../../src/history/tables/rollup.ts';
import { definitions, TABLES } from '../../../src/history/tables/schema.ts';

const tableNamed = (name: string) => TABLES.find((table) => table.name === name)!;

test('a rollup of a mean over requests is one over all requests', async () => {
  const table = tableNamed('disk_device');
  const engine = await Engine.open('128MB');
  const columns = definitions(table).map(([name, type]) => `"${name}" ${type}`);
  await engine.run(`CREATE TABLE raw (${columns.join(', ')})`);
  await engine.run(`INSERT INTO raw ("timestamp", device, reads_per_sec, read_latency_ms, write_latency_ms) VALUES
    ('2026-01-05 10:00:00.0+00', 'sda', 10, 1, NULL), ('2026-01-05 10:00:00.5+00', 'sda', 990, 11, NULL),
    ('2026-01-05 10:00:01.0+00', 'sda', 0, NULL, NULL)`);
  const minute = ROLLUPS.find(({ suffix }) => suffix === '1m')!;
  const reader = await engine.connection.runAndReadAll(
    `SELECT round(read_latency_ms_avg, 6), read_latency_ms_max, reads_per_sec_avg, write_latency_ms_avg
     FROM (${rollupQuery(table, minute, `(${secondsQuery(table, 'raw')})`)})`,
  );
  expect(reader.getRowsJson()).toEqual([[10.9, 11, 1000 / 3, null]]);
  engine.close();
});

test('events of perf stand beside the time they were counted in', () => {
  expect(definitions(tableNamed('perf_events'))).toContainEqual(['elapsed_ms', 'DOUBLE']);
});
