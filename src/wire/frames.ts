import type { Snapshot } from '../shared/snapshot.ts';

/** Rises when a reader of the older frames would misread the new ones. */
export const PROTOCOL_VERSION = 1;

/** First frame on every connection. */
export interface HelloFrame {
  type: 'hello';
  protocol: typeof PROTOCOL_VERSION;
  version: string;
  hostname: string;
  interval_ms: number;
  collectors: { name: string; enabled: boolean }[];
}

/** One tick of the machine: the snapshot itself. */
export type SnapshotFrame = Snapshot;

/** A slow client was spared this many snapshots. */
export interface DroppedFrame {
  type: 'dropped';
  count: number;
}

/** A request on the open socket could not be honoured; the stream goes on as it was. */
export interface ErrorFrame {
  type: 'error';
  error: { code: string; message: string };
}

/** Everything a server sends over the stream. */
export type Frame = HelloFrame | SnapshotFrame | DroppedFrame | ErrorFrame;
