import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { csvOf } from '../../../src/dashboard/saving/csv.ts';
import { QUESTIONS } from '../../../src/dashboard/sql/questions.ts';
import { reasonFor } from '../../../src/dashboard/words/absence.ts';
import {
  bytes,
  bytesPerSecond,
  kibPerSecond,
  milliseconds,
  perSecond,
  span,
} from '../../../src/dashboard/words/format.ts';
import type { CollectorSampling, Snapshot } from '../../../src/model/snapshot.ts';

describe('numbers', () => {
  test.each([
    [bytes(0), '0 B'],
    [bytes(1023), '1023 B'],
    [bytes(1024), '1.0 KiB'],
    [bytes(1_048_575), '1.0 MiB'],
    [bytes(25_276_514_304), '23.5 GiB'],
    [bytesPerSecond(123_456_789), '118 MiB/s'],
    [kibPerSecond(2048), '2.0 MiB/s'],
    [perSecond(0), '0 /s'],
    [perSecond(3.456), '3.5 /s'],
    [perSecond(57_886), '57.9 k /s'],
    [milliseconds(0.0412), '0.04 ms'],
    [milliseconds(12.34), '12.3 ms'],
    [span(0.1), '100 ms'],
    [span(120), '2 min'],
    [span(86_400), '24 h'],
    [span(604_800), '7 d'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });
});

describe('why a value is not there', () => {
  const snapshotWith = (cpu: CollectorSampling): Snapshot => ({
    type: 'snapshot',
    sequence: 1,
    timestamp: '2026-01-01T00:00:00.000000Z',
    sampling: {
      tick: 1,
      interval_ms: 100,
      lateness_ms: 0,
      missed_ticks: 0,
      memory_bytes: 1,
      collectors: { cpu },
    },
  });
  const ok: CollectorSampling = { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0 };

  test.each<[string, CollectorSampling, RegExp]>([
    ['cpu||usage_percent', { state: 'disabled' }, /switched off/],
    [
      'cpu_core|3|usage_percent',
      { state: 'failed', code: 'SOURCE_MISSING', message: '/proc/stat is gone' },
      /\/proc\/stat is gone \(SOURCE_MISSING\)/,
    ],
    ['cpu||usage_percent', { state: 'late', missed_ticks: 4 }, /in time \(4 ticks/],
    ['cpu||usage_percent', { state: 'warming_up' }, /first sample/],
    ['cpu||temperature_celsius', ok, /no temperature sensor/],
    ['cpu_core|3|usage_percent', ok, /core 3 is offline/],
    ['gpu||usage_percent', ok, /no collector "gpu"/],
  ])('%s when cpu is %j', (key, state, reason) => {
    expect(reasonFor(key, snapshotWith(state))).toMatch(reason);
  });

  test('before the first snapshot', () => {
    expect(reasonFor('cpu||usage_percent', undefined)).toMatch(/no snapshot/);
  });
});

test('CSV is quoted where it must be', () => {
  const columns = [
    { name: 'a,b', type: 'VARCHAR' },
    { name: 'c', type: 'DOUBLE[]' },
  ];
  const rows = [
    ['say "hi"\nthere', [1, 2]],
    [null, 1.5],
  ];
  expect(csvOf({ columns, rows })).toBe('"a,b",c\r\n"say ""hi""\nthere","[1,2]"\r\n,1.5\r\n');
});

test('the ready-made questions are those of docs/history.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/history.md'), 'utf8');
  for (const { title, sql } of QUESTIONS) {
    expect(page).toContain(`-- ${title}`);
    expect(page).toContain(sql);
  }
});
