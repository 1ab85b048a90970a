import type { Schedule, TickResult } from '../handover/messages.ts';
import type { Sources } from '../model/snapshot.ts';

/** Where a collector's results go. */
export interface ResultSink {
  results(name: string, epoch: number, results: readonly TickResult[]): void;
  /** Everybody has delivered: now is the time to read what there is. */
  delivered(): void;
  /** Where threads meet; see Arrivals. */
  readonly arrivals: SharedArrayBuffer;
  /** The collector cannot answer for the time being; nobody should wait for it. */
  outage(name: string): void;
}

/** Why a collector that is enabled cannot answer at the moment. */
export interface Outage {
  readonly code: string;
  readonly message: string;
}

/** A collector as the aggregator sees it: something with a name that answers every tick by itself. */
export interface SampledCollector {
  readonly name: string;
  readonly enabled: boolean;
  /** Undefined while the collector answers, or is about to for the first time. */
  readonly outage: Outage | undefined;
  /** Ticks it slept through since it started; undefined before its first answer. */
  readonly missedTicks: number | undefined;
  /** Where its figures come from, as far as it has told. */
  readonly sources?: Sources | undefined;
  /** Begins to answer ticks. */
  start(schedule: Schedule, sink: ResultSink): void;
  reschedule(schedule: Schedule): void;
  setEnabled(enabled: boolean): void;
  /** Passes the results there are to the sink. */
  deliver(): void;
  /** Has its readings held against watches anew, where whoever was told of crossings is gone. */
  rewatch?(): void;
  /** Resolves when nothing of the collector is left running. */
  stop(): Promise<void>;
}
