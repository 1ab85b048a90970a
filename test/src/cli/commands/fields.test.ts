import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FIELDS } from '../../../../src/model/listing/fields.ts';
import { MAIN } from '../../../support/server.ts';

function fields(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'fields', ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

test('all are printed as JSON', () => {
  const { status, out } = fields('--format', 'json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual(FIELDS);
});

test.each([
  ['disk', 'disk.partitions.*.percent'],
  ['network.interfaces', 'network.interfaces.*.errin'],
  ['cpu_core.usage_percent', 'cpu.per_core.*'],
  ['hzstat_load5', 'cpu.load_avg_5m'],
  ['pgfault_per_sec', 'memory_bandwidth.pgfault_per_sec'],
])('%s finds %s', (name, path) => {
  expect(fields(name, '--format', 'json').out).toContain(JSON.stringify(path));
  expect(fields(name).out).toContain(path);
});

test('one is described with its unit, its source and why it may be missing', () => {
  const { out } = fields('cpu.temperature_celsius');
  for (const text of ['celsius', 'hwmon', 'no temperature sensor', 'hzstat_cpu_temperature_celsius'])
    expect(out).toContain(text);
});

test('a name that is none is an error that names what is like it', () => {
  const { status, err } = fields('busy');
  expect(status).toBe(2);
  expect(err).toContain('disk.devices.*.busy_percent');
  expect(fields('nonsense').err).toContain('hzstat fields');
});
