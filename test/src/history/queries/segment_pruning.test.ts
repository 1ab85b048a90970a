import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import {
  createStandIns,
  type Span,
  spansAskedFor,
  within,
} from '../../../../src/history/queries/segment_pruning.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import { definitions, ofHosts, TABLES } from '../../../../src/history/tables/schema.ts';

const MINUTE_MS = 60_000;
const ALL: Span = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
const at = (time: string): number => Date.parse(`2026-01-05T${time}Z`);

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open('128MB');
  const named = TABLES.filter(({ name }) => ['cpu', 'sampling'].includes(name)).map((table) => ({
    name: table.name,
    columns: definitions(table),
  }));
  await createStandIns(engine, named);
});
afterAll(() => engine.close());

describe('the times a question is about', () => {
  test.each<[string, Record<string, Span>]>([
    ["FROM cpu WHERE timestamp >= '2026-01-05 10:00'", { cpu: { ...ALL, fromMs: at('10:00') } }],
    ["FROM cpu WHERE timestamp <= '2026-01-05 10:00'", { cpu: { ...ALL, toMs: at('10:00') + 1 } }],
    [
      "SELECT max(usage_percent) FROM cpu WHERE timestamp BETWEEN '2026-01-05 10:00' AND '2026-01-05 11:00' AND usage_percent > 50",
      { cpu: { fromMs: at('10:00'), toMs: at('11:00') + 1 } },
    ],
    [
      "FROM cpu WHERE timestamp = TIMESTAMPTZ '2026-01-05 12:00:00.5+02'",
      { cpu: { fromMs: at('10:00:00.500'), toMs: at('10:00:00.501') } },
    ],
    // What is before a moment is in a millisecond before it, unless that moment is within one.
    ["FROM cpu WHERE timestamp < '2026-01-05 10:00'", { cpu: { ...ALL, toMs: at('10:00') - 1 } }],
    ["FROM cpu WHERE timestamp < '2026-01-05 10:00:00.0005'", { cpu: { ...ALL, toMs: at('10:00') + 1 } }],
    // Of two scans the wider one counts, of a join both.
    [
      "FROM cpu WHERE timestamp > '2026-01-05 10:00' UNION ALL FROM cpu WHERE timestamp > '2026-01-05 09:00'",
      { cpu: { ...ALL, fromMs: at('09:00') } },
    ],
    [
      "SELECT 1 FROM cpu ASOF JOIN sampling USING (timestamp) WHERE cpu.timestamp > '2026-01-05 10:00'",
      { cpu: { ...ALL, fromMs: at('10:00') }, sampling: ALL },
    ],
    // What does not bound the time of every row bounds nothing.
    ['FROM cpu', { cpu: ALL }],
    ["FROM cpu WHERE timestamp > '2026-01-05 10:00' OR usage_percent > 50", { cpu: ALL }],
    ["FROM cpu WHERE timestamp <> '2026-01-05 10:00'", { cpu: ALL }],
    ["FROM cpu WHERE NOT (timestamp > '2026-01-05 10:00' AND usage_percent > 5)", { cpu: ALL }],
    ['FROM cpu WHERE timestamp > (SELECT max(timestamp) FROM cpu)', { cpu: ALL }],
    ['FROM cpu WHERE epoch_ms(timestamp) > 5 AND hour(timestamp) = 4', { cpu: ALL }],
    ['FROM cpu ORDER BY timestamp DESC LIMIT 1', { cpu: ALL }],
    [
      "FROM cpu WHERE 'timestamp>''2026-01-05 10:00:00+00''::TIMESTAMP WITH TIME ZONE' IS NOT NULL",
      { cpu: ALL },
    ],
    ["SELECT error('no plan') FROM nowhere", {}],
  ])('%s', async (sql, spans) => {
    expect(Object.fromEntries(await spansAskedFor(engine, sql))).toEqual(spans);
  });

  test('may be told from the present', async () => {
    const beforeMs = Date.now();
    const { cpu } = Object.fromEntries(
      await spansAskedFor(engine, 'FROM cpu WHERE timestamp > now() - INTERVAL 5 minutes'),
    );
    expect(cpu!.fromMs).toBeGreaterThanOrEqual(beforeMs - 5 * MINUTE_MS - 1);
    expect(cpu!.fromMs).toBeLessThanOrEqual(Date.now() - 5 * MINUTE_MS);
    expect(cpu!.toMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the hosts a question to a lake is about', () => {
  const lake = TABLES.filter(({ name }) => name === 'memory').map((table) => ({
    name: 'memory',
    columns: definitions(ofHosts(table)),
  }));
  beforeAll(() => createStandIns(engine, lake));

  test.each<[string, readonly string[] | undefined]>([
    ["FROM memory WHERE host = 'it''s'", ["it's"]],
    ["FROM memory WHERE host = 'a' UNION ALL FROM memory WHERE 'b' = host", ['a', 'b']],
    ["FROM memory WHERE host = 'a' UNION ALL FROM memory", undefined],
    ["FROM memory WHERE host > 'a'", undefined],
    ["FROM memory WHERE host = 'a' OR cached_bytes > 5", undefined],
  ])('%s', async (sql, hosts) => {
    const span = (await spansAskedFor(engine, sql)).get('memory');
    expect(span?.hosts?.toSorted()).toEqual(hosts);
  });

  test('are the only ones whose files are kept', () => {
    const segments = ['a', 'b'].map(
      (host): Segment => ({ table: 'memory', file: host, host, level: 'minute', ...ALL, rows: 1, bytes: 1 }),
    );
    const kept = (span: Span) => within(segments, span).map(({ file }) => file);
    expect(kept({ ...ALL, hosts: ['b'] })).toEqual(['b']);
    expect(kept(ALL)).toEqual(['a', 'b']);
  });
});

test('segments are kept that reach into a span', () => {
  const segments = Array.from(
    { length: 10 },
    (_, minute): Segment => ({
      table: 'cpu',
      file: String(minute),
      level: 'minute',
      fromMs: minute * MINUTE_MS,
      toMs: (minute + 1) * MINUTE_MS - 100,
      rows: 600,
      bytes: 1,
    }),
  );
  const files = (span: Span | undefined): string =>
    within(segments, span)
      .map(({ file }) => file)
      .join('');
  expect(files(undefined)).toBe('0123456789');
  expect(files(ALL)).toBe('0123456789');
  expect(files({ ...ALL, fromMs: 7 * MINUTE_MS })).toBe('789');
  expect(files({ fromMs: 2 * MINUTE_MS - 100, toMs: 3 * MINUTE_MS })).toBe('123');
  expect(files({ fromMs: 20 * MINUTE_MS, toMs: 21 * MINUTE_MS })).toBe('');
});
