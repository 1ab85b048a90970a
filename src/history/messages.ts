import type { MessagePort } from 'node:worker_threads';
import type { Segment } from './manifest.ts';
import type { Batch } from './snapshot_batch.ts';

/** How history is kept. The times are settings so that a test can let hours pass in seconds. */
export interface HistorySettings {
  readonly dataDir: string;
  /** Raw rows older than this are removed. */
  readonly retentionMs: number;
  /** Rollups live longer, being smaller. */
  readonly rollupRetentionMs: number;
  /** All segments together are kept below this, oldest raw ones going first. */
  readonly retentionBytes: number;
  /** A journal is sealed before its minute is over when it has grown this far: sealing needs it in memory. */
  readonly journalBytes: number;
  /** A journal covers at most one of these, and compacted segments one of those. */
  readonly minuteMs: number;
  readonly hourMs: number;
  readonly dayMs: number;
}

/** Everything that crosses between main and the thread that writes history. */
export interface WriterTask {
  readonly settings: HistorySettings;
  readonly port: MessagePort;
}

export type ToWriter =
  /** Snapshots of one minute. */
  | { type: 'append'; minute: number; batch: Batch }
  /** Makes everything recorded so far readable as segments, and says which there are. */
  | { type: 'segments'; request: number }
  /** Says which journals frames can be read from, everything recorded so far included. */
  | { type: 'journals'; request: number }
  /** Segments that turned out to be damaged: they are set aside and count no more. */
  | { type: 'condemn'; files: readonly string[] }
  | { type: 'close' };

/** How history fares. */
export interface WriterStatus {
  state: 'recording' | 'failing';
  /** What the disk said, while it fails. */
  message?: string;
  /** Snapshots that could not be written and are gone. */
  lostSnapshots: number;
  segments: number;
  bytes: number;
  journalBytes: number;
  /** Files found unreadable at the start, below `damaged/`. */
  damagedFiles: string[];
}

/** A journal frames can be read from. */
export interface JournalFile {
  /** Where it is; it may have moved to `elsewhere` when it is opened. */
  readonly path: string;
  readonly elsewhere: string;
  /** How much of it may be read: what is behind that belongs to what comes live. */
  readonly bytes: number;
  /** Unix milliseconds of the minute it covers. */
  readonly fromMs: number;
  /** Whether this process wrote it, so that its sequence numbers are those of the stream. */
  readonly own: boolean;
}

export type FromWriter =
  | { type: 'started'; status: WriterStatus }
  | { type: 'refused'; code: 'HISTORY_LOCKED' | 'BAD_DATA_DIR'; message: string }
  /** The oldest batch that was not acknowledged yet is; its memory is given back. */
  | { type: 'appended'; status: WriterStatus; rows: Float64Array<ArrayBuffer> }
  | { type: 'status'; status: WriterStatus }
  | {
      type: 'segments';
      request: number;
      segments: readonly Segment[];
      error?: string;
      /** How long the thread has worked for requests like this one since the start. */
      forQueriesMs: number;
      status: WriterStatus;
    }
  | { type: 'journals'; request: number; journals: readonly JournalFile[] }
  /** Something for the log. */
  | { type: 'said'; message: string }
  | { type: 'closed' };

/** What the compacting process is asked for and answers. */
export interface CompactionTask {
  readonly dataDir: string;
  /** Distinguishes the new files. */
  readonly stem: string;
  readonly inputs: readonly Segment[];
  /** The hour whose minutes are to be merged and rolled up; absent where the rollups of a day are to be merged. */
  readonly hour?: { readonly fromMs: number; readonly toMs: number };
}

export type CompactionAnswer = { ok: true; segments: Segment[] } | { ok: false; message: string };

/** What the inspecting process is asked for and answers. */
export interface InspectionTask {
  readonly dataDir: string;
  readonly segments: readonly Segment[];
}

export interface InspectionAnswer {
  /** Files that could be read, and whose content could not be understood, time and again; or that are gone. */
  readonly damaged: readonly string[];
}
