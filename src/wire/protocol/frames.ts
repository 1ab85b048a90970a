import type { ErrorCode } from '../../base/errors.ts';
import type { FieldPath } from '../../model/field_at.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { FlatConstant, ValueKind } from '../../records/flatten.ts';

/**
 * Which frames a stream consists of. 2 is for records only, on request: layouts also say the kinds of
 * their values.
 */
export type Protocol = 1 | 2;

/** First frame on every connection. */
export interface HelloFrame {
  type: 'hello';
  protocol: Protocol;
  version: string;
  hostname: string;
  /** Of the snapshots this client will be sent. */
  interval_ms: number;
  collectors: { name: string; enabled: boolean }[];
  /** Names this run of the sampler: sequence numbers of different runs have nothing to do with each other. */
  run: string;
}

/** One tick of the machine: the snapshot itself. */
export type SnapshotFrame = Snapshot;

/** This many snapshots were dropped, because the client is slow or the server had no time to make them. */
export interface DroppedFrame {
  type: 'dropped';
  count: number;
  /** When it was the server: all that clients want together is more than publishing may cost. */
  code?: 'TOO_MANY_SUBSCRIPTIONS';
}

/** What the client is sent from now on, after it asked for something else. */
export interface SubscribedFrame {
  type: 'subscribed';
  interval_ms: number;
  collectors: string[];
  format: 'msgpack' | 'json' | 'msgpack-records';
  aggregate: 'mean' | 'minmax';
  /** Only when it is another than 1. */
  protocol?: Protocol;
}

/** Not everything that was asked for with `since` is kept any more: the snapshot that follows is the first there is. */
export interface GapFrame {
  type: 'gap';
  /** Snapshots that are missing; null when nobody knows how many. */
  missing: number | null;
  message: string;
}

/**
 * What the values of the records with this id mean, in `format=msgpack-records`. A record is the list
 * `[id, sequence, timestamp in Unix microseconds, value of each field …]`.
 */
export interface LayoutFrame {
  type: 'layout';
  id: number;
  fields: readonly FieldPath[];
  /** Of each field; from protocol 2 on. A number may be null. */
  kinds?: readonly ValueKind[];
  /** What is the same in every record: texts, and lists and maps with nothing in them. */
  constants: readonly FlatConstant[];
}

/** What a client may send: it wants something else from now on. What is absent stays, null is the default. */
export interface SubscribeMessage {
  type: 'subscribe';
  format?: string | null;
  interval?: string | null;
  collectors?: string[] | string | null;
  aggregate?: string | null;
  protocol?: string | number | null;
  incidents?: string | boolean | null;
  since?: string | number | null;
  run?: string | null;
  after?: string | null;
}

/** Something that was watched for has begun, or is over. `/incidents/ID` has the evidence. */
export interface IncidentFrame {
  type: 'incident';
  phase: 'began' | 'ended';
  id: string;
  watch: string;
  field: string;
  /** The value furthest beyond the threshold so far. */
  value: number;
  threshold: number;
  /** Of the latest snapshot before this frame. */
  sequence: number;
  /** When it began, or ended. */
  timestamp: string;
  began: string;
  ended: string | null;
  peak: number;
  peak_at: string;
  message: string;
  who: string | null;
}

/** A request on the open socket could not be honoured; the stream goes on as it was. */
export interface ErrorFrame {
  type: 'error';
  error: { code: ErrorCode; message: string };
}

/** Everything a server sends over the stream. */
export type Frame =
  | HelloFrame
  | SnapshotFrame
  | DroppedFrame
  | SubscribedFrame
  | GapFrame
  | LayoutFrame
  | IncidentFrame
  | ErrorFrame;
