import { expect, test } from 'vitest';
import { metricKey } from '../../../../src/dashboard/data/metric.ts';
import { exportSql } from '../../../../src/dashboard/saving/export_sql.ts';

const range = { from: 1, to: 2.5 };

test('series of one table are its columns', () => {
  expect(exportSql([metricKey('cpu', 'user_percent'), metricKey('cpu', 'idle_percent')], range, '')).toBe(
    'SELECT * FROM (SELECT timestamp, "user_percent" AS "cpu.user_percent", "idle_percent" AS "cpu.idle_percent" FROM cpu WHERE timestamp >= make_timestamptz(1000000) AND timestamp <= make_timestamptz(2500000)) AS part0 ORDER BY timestamp',
  );
});

test('things with names get a column each, and tables are joined by time', () => {
  const sql = exportSql(
    [metricKey('disk', 'read_bytes_per_sec'), metricKey('network_interface', 'bytes_sent_per_sec', "o'br0")],
    range,
    '_1s',
  );
  expect(sql).toContain('"read_bytes_per_sec_avg" AS "disk.read_bytes_per_sec" FROM disk_1s');
  expect(sql).toContain(
    `max("bytes_sent_per_sec_avg") FILTER (WHERE "interface"::VARCHAR = 'o''br0') AS "network_interface.o'br0.bytes_sent_per_sec"`,
  );
  expect(sql).toContain('FULL JOIN');
  expect(sql).toContain('USING (timestamp)');
});

test('events of perf are rates, and ratios are made of sums', () => {
  const sql = exportSql(
    [metricKey('perf_events', 'per_sec', 'page-faults'), metricKey('perf_events', 'instructions_per_cycle')],
    range,
    '',
  );
  expect(sql).toContain(`max(value * 1000 / elapsed_ms) FILTER (WHERE event = 'page-faults')`);
  expect(sql).toContain(
    `1 * sum(value) FILTER (WHERE event = 'instructions') / nullif(sum(value) FILTER (WHERE event = 'cycles'), 0) AS "perf_events.instructions_per_cycle"`,
  );
});
