import type { ErrorCode } from '../shared/errors.ts';
import type { Segment } from './manifest.ts';

export type QueryFormat = 'json' | 'csv' | 'parquet';

/** What a query process is asked. */
export interface QueryTask {
  readonly sql: string;
  readonly format: QueryFormat;
  readonly dataDir: string;
  /** Other directories segments are in. */
  readonly moreDirs?: readonly string[];
  readonly segments: readonly Segment[];
  /** A directory the answer may be put together in; not the user's to read. */
  readonly scratchDir: string;
  readonly mostRows: number;
  readonly timeoutMs: number;
}

/** A value of a result as JSON has it; times are ISO 8601, numbers beyond 2^53 text. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface QueryTable {
  columns: { name: string; type: string }[];
  rows: JsonValue[][];
  row_count: number;
  /** Whether there would have been more rows. */
  truncated: boolean;
  elapsed_ms: number;
}

export type QueryAnswer =
  | { format: 'json'; table: QueryTable }
  | { format: 'csv' | 'parquet'; bytes: Uint8Array };

/** What a query process says. */
export type FromQuery =
  | { type: 'ready' }
  | { type: 'answer'; answer: QueryAnswer }
  /** Segments that cannot be read: the question can be asked again without them. */
  | { type: 'damaged'; files: readonly string[] }
  | { type: 'error'; code: ErrorCode; message: string };
