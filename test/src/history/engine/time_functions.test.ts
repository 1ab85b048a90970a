import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';

/** Instants around every border a bucket can have, before the epoch too, and those that are none. */
const INSTANTS = [
  ...['1899-12-31 23:59:59.999999', '1969-12-31 23:59:59.5', '1970-01-01', '2000-01-03'],
  ...['2024-02-29 12:34:56.789012', '2024-12-30 00:00:00', '2026-03-29 01:59:59.999999', '2026-10-25 01:30'],
  ...['infinity', '-infinity'],
].map((text) => `TIMESTAMPTZ '${text}'`);
const WIDTHS = ['100 milliseconds', '1 second', '7 seconds', '1 minute', '90 minutes', '1 day', '2 weeks'];
const MONTHS = ['1 month', '3 months', '1 year'];
const PARTS = [
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
];

const CALLS = [
  ...[...WIDTHS, ...MONTHS].flatMap((width) => [
    `time_bucket(INTERVAL '${width}', instant)`,
    `time_bucket('${width}', instant)`,
    `time_bucket(INTERVAL '${width}', instant::TIMESTAMP)`,
    `time_bucket('${width}', instant::TIMESTAMP::DATE)`,
  ]),
  "time_bucket(INTERVAL '1 minute', instant, INTERVAL '5 seconds')",
  "time_bucket(INTERVAL '1 minute', instant, TIMESTAMPTZ '2020-01-01 00:00:07+00')",
  "time_bucket(INTERVAL '1 day', instant, 'Europe/Berlin')",
  'time_bucket(NULL, instant)',
  ...PARTS.flatMap((part) => [
    `date_trunc('${part}', instant)`,
    `datetrunc('${part}', instant)`,
    `date_trunc('${part}', instant::TIMESTAMP)`,
    `date_trunc('${part}', instant::TIMESTAMP::DATE)`,
    `date_trunc('${part}', INTERVAL '100 hours 5 seconds')`,
  ]),
];

describe('functions of time', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.open('64MB');
  });
  afterAll(() => engine.close());

  const ask = async (call: string) => {
    const instants = [...INSTANTS, 'NULL'].map((instant) => `(${instant})`).join(', ');
    const reader = await engine.connection.runAndReadAll(
      `SELECT ${call} FROM (VALUES ${instants}) AS t(instant)`,
    );
    const [name] = reader.columnNames();
    return { name, types: reader.columnTypes().map(String), rows: reader.getRowsJson() };
  };

  test.for(CALLS)('%s is what the engine would say', async (call) => {
    const { name, ...answer } = await ask(call);
    const own = await ask(`system.main.${call}`);
    expect(answer).toEqual({ types: own.types, rows: own.rows });
    expect(`"system".main.${name}`).toBe(own.name);
  });

  test.for(["time_bucket('nonsense', instant)", "time_bucket(INTERVAL '-1' MINUTE, instant)"])(
    '%s is refused as by the engine',
    async (call) => {
      const reason = async (asked: string) =>
        ask(asked).catch((error: unknown) => String(error).split('\n')[0]);
      expect(await reason(call)).toMatch(/Error/);
      expect(await reason(call)).toBe(await reason(`system.main.${call}`));
    },
  );

  test('a part that does not exist is named', async () => {
    await expect(ask("date_trunc('fortnight', instant)")).rejects.toThrow('fortnight');
  });
});
