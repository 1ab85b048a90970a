import type { RecordLayout } from '../../records/layout.ts';

/** Which snapshot is to be read next: the first of a run from this sequence number on. */
export interface Position {
  /** The journal it is in; empty where none is kept. */
  readonly journal: string;
  readonly sequence: number;
}

/** Snapshots as rows of numbers, one after another, in the order they were taken. */
export interface SnapshotSource {
  /** Of the snapshot read last: Unix microseconds, its number, and its row, which is valid until the next but one is read. */
  readonly unixUs: number;
  readonly sequence: number;
  readonly layout: RecordLayout;
  readonly row: Float64Array;
  readonly position: Position;
  /** Snapshots that were gone before they were read. */
  readonly skipped: number;
  /** Reads the next one; false when there is none for now. */
  next(): boolean;
  /** Goes on from a place, further back or ahead. */
  seek(position: Position): void;
}

export const NO_LAYOUT: RecordLayout = { kind: 'map', keys: [], values: [] };
