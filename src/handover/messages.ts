import type { ErrorCode } from '../base/errors.ts';
import type { CollectorName } from '../model/collectors.ts';
import type { CollectorData, CustomData, Sources } from '../model/snapshot.ts';
import type { PackedRecord, RecordLayout } from '../records/layout.ts';
import type { WatchLink } from '../watching/crossing.ts';
import type { RingGeometry } from './result_ring.ts';

/**
 * Everything that crosses between the main thread and a collector's thread.
 *
 *   1. main hands Piscina one {@link CollectorTask} per thread, with one end of a MessageChannel in it;
 *   2. the thread opens its sources and wakes by itself for every tick from then on;
 *   3. it writes the result of each tick into a ring of rows in shared memory; what the rows mean (a layout, a
 *      new ring) goes over its port, before the first row that needs it; the last thread to arrive at a delivery
 *      posts `delivered`, at which main reads all rings;
 *   4. main posts a {@link ToCollector} message and then bumps the control cell, which wakes a thread that
 *      waits for its tick; the thread drains its port before it goes on.
 */

/** When to read. Ticks are the absolute multiples of the interval on the monotonic clock. */
export interface Schedule {
  /** Rises with every change, so that results of an older schedule can be told apart. */
  readonly epoch: number;
  readonly intervalNs: number;
  /** Ticks per hand-over (1 = at once), at ticks that are multiples of this number. */
  readonly ticksPerDelivery: number;
  /** Rows a ring has room for, a power of two: how many ticks main may be behind. */
  readonly ringRows: number;
}

/** What every collector may need to know about the host it reads. */
export interface CollectorOptions {
  /** Prefix of /proc and /sys, without a trailing slash: `` for the running host. */
  readonly rootfs: string;
  /** CPUs perf counts on: `all` or a list such as `0-3,8`. */
  readonly perfCpus: string;
}

/** What Piscina passes to a collector's thread. */
export interface CollectorTask {
  readonly name: string;
  /** Address of the module it is loaded from; absent for a built-in collector. */
  readonly module?: string;
  readonly port: import('node:worker_threads').MessagePort;
  /** One Int32 cell that counts the messages posted to the thread. */
  readonly control: SharedArrayBuffer;
  /** Where the threads meet; see Arrivals. */
  readonly arrivals: SharedArrayBuffer;
  readonly schedule: Schedule;
  readonly enabled: boolean;
  readonly options: CollectorOptions;
}

export type ToCollector =
  | { type: 'schedule'; schedule: Schedule }
  | { type: 'enable'; enabled: boolean }
  /** Of what its readings are held against from now on, and who is told of crossings. */
  | { type: 'watch'; link: WatchLink }
  | { type: 'stop' };

/** What any of the collectors delivers. */
export type AnyData = CollectorData[CollectorName] | CustomData;

/** What came of one attempt to collect. */
export type Outcome<T = AnyData> =
  | { state: 'ok'; data: T; elapsedNs?: number }
  | { state: 'warming_up' }
  | { state: 'failed'; code: string; message: string }
  | { state: 'disabled' };

export interface TickResult<T = PackedRecord> {
  readonly tick: number;
  /** Monotonic time at which the read began. */
  readonly startedNs: number;
  readonly durationNs: number;
  /** Ticks this thread slept through since it started. */
  readonly missedTicks: number;
  readonly outcome: Outcome<T>;
}

export type FromCollector =
  | { type: 'ring'; buffer: SharedArrayBuffer; geometry: RingGeometry }
  | { type: 'layout'; id: number; layout: RecordLayout }
  /** When the sources of its figures are others than before. */
  | { type: 'sources'; sources: Sources }
  | { type: 'delivered' };

/** What the process that checks a user's module is asked and answers. */
export interface ModuleQuestion {
  readonly url: string;
  readonly options: CollectorOptions;
}

export type ModuleAnswer =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
