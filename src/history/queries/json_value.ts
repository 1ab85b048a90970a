import type { DuckDBValue } from '@duckdb/node-api';
import { duckdb } from '../engine/duckdb.ts';
import type { JsonValue } from './query_messages.ts';

const US_PER_MS = 1_000n;

/**
 * A value of the engine as JSON has it: whole numbers beyond 2^53 as text, numbers that are none as `"NaN"`,
 * `"Infinity"` and `"-Infinity"`, times as `2026-11-26T01:32:05.634240Z` (without the Z where no zone was meant),
 * intervals as the engine writes them (`1 day 00:05:00`), maps as lists of `{key, value}`.
 */
export function jsonValue(value: DuckDBValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof duckdb.DuckDBDecimalValue) return value.toDouble();
  if (value instanceof duckdb.DuckDBTimestampTZValue) return timeText(value.micros, 'Z') ?? String(value);
  if (value instanceof duckdb.DuckDBTimestampValue) return timeText(value.micros, '') ?? String(value);
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue)
    return value.items.map(jsonValue);
  if (value instanceof duckdb.DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, entry]) => [key, jsonValue(entry)]));
  }
  if (value instanceof duckdb.DuckDBMapValue) {
    return value.entries.map(({ key, value: entry }) => ({ key: jsonValue(key), value: jsonValue(entry) }));
  }
  if (value instanceof duckdb.DuckDBUnionValue) return jsonValue(value.value);
  return String(value);
}

/** ISO 8601 with microseconds; undefined for times beyond all calendars. */
function timeText(us: bigint, zone: string): string | undefined {
  const ms = Number(us / US_PER_MS);
  const rest = Number(us % US_PER_MS);
  const time = new Date(rest < 0 ? ms - 1 : ms);
  if (Number.isNaN(time.getTime())) return undefined;
  const micros = String(rest < 0 ? rest + Number(US_PER_MS) : rest).padStart(3, '0');
  return `${time.toISOString().slice(0, -1)}${micros}${zone}`;
}
