import { expect, test } from 'vitest';
import { momentOf, momentSql } from '../../../../src/dashboard/data/past_sql.ts';

test('rows of several tables are asked for in one question', () => {
  const sql = momentSql(['disk_device', 'network_interface'], '_1s', 10, 11.5);
  expect(sql.split('UNION ALL')).toHaveLength(2);
  expect(sql).toContain('FROM disk_device_1s r WHERE timestamp > make_timestamptz(10000000)');
  expect(sql).toContain('timestamp <= make_timestamptz(11500000)');
});

test('rows come by table, with the latest time, and without what is null', () => {
  const { time, rows } = momentOf([
    ['disk_device', 5_000_000, '{"device":"sda","busy_percent":3.5,"read_latency_ms":null}'],
    ['disk_device', 5_000_000, '{"device":"sdb","busy_percent":0}'],
    ['network_interface', 5_100_000, '{"interface":"lo","bytes_sent":7}'],
  ]);
  expect(time).toBe(5.1);
  expect(rows.get('disk_device')).toEqual([
    { device: 'sda', busy_percent: 3.5 },
    { device: 'sdb', busy_percent: 0 },
  ]);
  expect(rows.get('network_interface')).toEqual([{ interface: 'lo', bytes_sent: 7 }]);
});

test('of rollups means are taken, and of counters the last value', () => {
  const text = JSON.stringify({
    interface: 'lo',
    bytes_sent_min: 1,
    bytes_sent_avg: 5,
    bytes_sent_max: 9,
    bytes_sent_last: 9,
    bytes_sent_per_sec_min: 10,
    bytes_sent_per_sec_avg: 20,
    bytes_sent_per_sec_max: 30,
  });
  const { rows } = momentOf([['network_interface', 1_000_000, text]]);
  expect(rows.get('network_interface')).toEqual([{ interface: 'lo', bytes_sent: 9, bytes_sent_per_sec: 20 }]);
});
