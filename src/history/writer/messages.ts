import type { MessagePort } from 'node:worker_threads';
import type { JournalFile } from '../journal/journal_file.ts';
import type { Batch } from '../rows/snapshot_batch.ts';
import type { OutboxFile, Segment } from '../segments/manifest.ts';
import type { Worth } from '../segments/retention.ts';
import type { HistorySettings } from '../segments/settings.ts';

/** Everything that crosses between main and the thread that writes history. */
export interface WriterTask {
  readonly settings: HistorySettings;
  readonly port: MessagePort;
}

export type ToWriter =
  /** Snapshots of one period, which a journal covers: the number of those since 1970. */
  | { type: 'append'; period: number; batch: Batch }
  /** Makes everything recorded so far readable as segments, and says which there are. */
  | { type: 'segments'; request: number }
  /** Says which journals frames can be read from, everything recorded so far included. */
  | { type: 'journals'; request: number }
  /** These files of the outbox were taken away; says what still waits there. */
  | { type: 'outbox'; request: number; taken: readonly string[] }
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
  /** Since when there are raw rows, those around incidents, and rollups in segments, in Unix milliseconds. */
  oldestMs: Readonly<Partial<Record<Worth, number>>>;
  /** Files found unreadable at the start, below `damaged/`. */
  damagedFiles: string[];
  /** What waits to be taken away; absent where nobody is to have anything. */
  outbox?: OutboxStatus;
}

/** How the outbox fares. */
export interface OutboxStatus {
  readonly files: number;
  readonly bytes: number;
  /** Removed for want of room before they were taken away, since the start. */
  readonly lostFiles: number;
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
      status: WriterStatus;
    }
  | { type: 'journals'; request: number; journals: readonly JournalFile[] }
  | { type: 'outbox'; request: number; files: readonly OutboxFile[] }
  /** Something for the log. */
  | { type: 'said'; message: string }
  | { type: 'closed' };
