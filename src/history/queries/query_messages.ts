import type { ErrorCode } from '../../base/errors.ts';
import type { Segment } from '../segments/manifest.ts';

/** Formats that have no limit of rows and come in pieces. */
export type ExportFormat = 'csv' | 'parquet' | 'ndjson';

export type QueryFormat = 'json' | ExportFormat;

/** What a query process is asked. */
export interface QueryTask {
  readonly sql: string;
  readonly format: QueryFormat;
  readonly dataDir: string;
  /** Other directories segments are in. */
  readonly moreDirs?: readonly string[];
  readonly segments: readonly Segment[];
  /** Whether they are files of a lake, and every table has a column `host`. */
  readonly ofHosts?: boolean;
  /** Where the pipe of an export is made; not the user's to read. */
  readonly scratchDir?: string;
  /** Rows and bytes of an answer in JSON. */
  readonly mostRows: number;
  readonly mostBytes: number;
  /** How long an answer in JSON may take, or how long an export may keep a core busy. */
  readonly timeoutMs: number;
  /** What the engine may take for it. */
  readonly memoryMb: number;
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

/** What a query process says. */
export type FromQuery =
  | { type: 'ready' }
  | { type: 'answer'; table: QueryTable }
  /** Rows are being written into the named pipe at this path; its end, and `written`, mean that they all were. */
  | { type: 'writing'; path: string }
  | { type: 'written' }
  | {
      type: 'error';
      code: ErrorCode;
      message: string;
      /** Segments the question was about, where damage to one of them may be the reason: nobody has looked. */
      suspects?: readonly Segment[];
    };
