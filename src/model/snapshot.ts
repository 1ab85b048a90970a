import type { DataOf } from './collector.ts';
import type { MODELS } from './collectors.ts';

/**
 * What one tick of the sampler looks like to everybody: stream, history, dashboard and scripts. Field names are
 * the public contract; the unit is in the name.
 *
 * Two ways to be missing, both deliberate: a key that is absent is not known yet (the first sample of a rate), a
 * value that is `null` cannot be had on this host or for this row (no sensor, an offline core).
 */

/** Each built-in collector and what it delivers, as its declaration in src/model says. */
export type CollectorData = { -readonly [N in keyof typeof MODELS]: DataOf<(typeof MODELS)[N]> };

export type CpuData = CollectorData['cpu'];
export type MemoryData = CollectorData['memory'];
export type NetworkData = CollectorData['network'];
export type InterfaceData = NetworkData['interfaces'][string];
/** What is counted of an interface, and of all wires together. */
export type NetworkCounters = Omit<NetworkData, 'interfaces'>;
export type DiskData = CollectorData['disk'];
export type DeviceData = DiskData['devices'][string];
export type PartitionData = DiskData['partitions'][string];
export type PerfEventsData = CollectorData['perf_events'];
export type PerfEventData = PerfEventsData['events'][string];
export type MemoryBandwidthData = CollectorData['memory_bandwidth'];
export type PressureData = CollectorData['pressure'];
export type StallData = NonNullable<PressureData['cpu']>;
export type InterruptsData = CollectorData['interrupts'];
export type SoftirqData = InterruptsData['softirqs'][string];
export type CgroupsData = CollectorData['cgroups'];
export type CgroupData = CgroupsData['groups'][string];

/** What a collector of the user's may deliver. */
export type CustomValue =
  | number
  | string
  | boolean
  | null
  | readonly CustomValue[]
  | { readonly [field: string]: CustomValue };

/** What a collector of the user's delivers; it stands in the snapshot under the collector's name. */
export interface CustomData {
  readonly [field: string]: CustomValue;
}

/** Where a figure comes from, and how fine it can be. */
export interface SourceSampling {
  /** `cpuidle`, `cpuacct`, `schedstat`, `/proc/stat`, … */
  source: string;
  /** The smallest step of the source. */
  resolution_ms?: number;
  /** How far off the time counted up to the instant of a read can be; it is made good by the next read. */
  uncertainty_ms?: number;
  /** The figure glides over this much time, because less of it would show the steps of the source. */
  window_ms?: number;
  /** How many cores the source is read for, where it is not all. */
  cores?: number;
  /** The source itself is brought up to date only so often; what it tells is spread over that time. */
  period_ms?: number;
  /** Where there are many, each is read in its turn, once in this time at the latest, and told as it was then. */
  turn_ms?: number;
  /** The source moves as if it were brought up to date only so often; what it tells is shown as read. */
  suspected_period_ms?: number;
  /** What of the source is missing, or was refused, and why. */
  message?: string;
}

/** By the field of the collector, such as `usage_percent` or `interfaces.eth0`; `*` is every field. */
export type Sources = Readonly<Record<string, SourceSampling>>;

/** How one collector fared in one tick. */
export type CollectorSampling =
  | {
      state: 'ok';
      /** From the scheduled tick to the start of the read. */
      lateness_ms: number;
      /** How long reading and computing took. */
      duration_ms: number;
      /** What the rates cover: the time between this read and the one before. Absent where there are no rates. */
      elapsed_ms?: number;
      missed_ticks: number;
      /** Where figures come from that could come from several sources or are coarser than the interval. */
      sources?: Sources;
    }
  | { state: 'warming_up' }
  | { state: 'late'; missed_ticks: number }
  | { state: 'failed'; code: string; message: string }
  | { state: 'disabled' };

/** Whether snapshots reach the disk. */
export interface HistorySampling {
  state: 'recording' | 'failing';
  /** Snapshots that could not be written and are gone. */
  lost_snapshots: number;
  /** What the disk said, while it fails. */
  message?: string;
}

/** How far off the clock of this host is, as who keeps it says. */
export interface ClockSampling {
  /** Who keeps it: `chrony`, `timesyncd` or `ptp`. */
  source: string;
  /** What it is ahead of true time; null where that is not told. */
  offset_ms: number | null;
  /** How far off that may be; null where that is not told. */
  uncertainty_ms: number | null;
  synchronised: boolean;
}

/** How sending to other engines fares, all of them together; absent when nothing is sent. */
export interface RemoteWriteSampling {
  /** How much of the latest time the receiver that has least of it does not have yet. */
  remote_write_lag_ms?: number;
  remote_write_sent_samples?: number;
  /** Samples that a receiver refused. */
  remote_write_dropped_samples?: number;
  /** Snapshots that were gone before they could be sent. */
  remote_write_skipped_snapshots?: number;
  /** Requests that were made again. */
  remote_write_retries?: number;
}

/** What the sampler may cost, and what it does to keep to that. */
export interface BudgetSampling {
  /** Share of one core. */
  limit_percent: number;
  /** The interval that was asked for; `interval_ms` of the sample is longer while that would cost too much. */
  asked_interval_ms: number;
  /** How often the interval was changed since the start. */
  changes: number;
  /** Why it was changed last, in words. */
  message?: string;
}

/** The truth about the sample, and what it cost. */
export interface Sampling extends RemoteWriteSampling {
  /** Number of the tick: monotonic time divided by the interval. */
  tick: number;
  interval_ms: number;
  /** Between this snapshot's reads and the reads before; absent in the first. */
  actual_interval_ms?: number;
  /** The latest start of a read after the scheduled tick. */
  lateness_ms: number;
  /** Ticks since start for which there is no snapshot. */
  missed_ticks: number;
  /** By how much somebody set the wall clock since the snapshot before; from here on timestamps follow the new time. */
  clock_step_ms?: number;
  /** The machine slept between the snapshot before and this one. Rates do not count that time. */
  suspended_ms?: number;
  /** CPU the sampler used in the last second, all its threads, as a share of one core. */
  cpu_percent?: number;
  /** Resident memory of the sampler. */
  memory_bytes: number;
  /** Null where nobody keeps the clock; absent until that is known. */
  clock?: ClockSampling | null;
  /** Why `clock` is null. */
  clock_message?: string;
  /** Absent when the sampler may cost what it likes. */
  budget?: BudgetSampling;
  /** How recording fares; absent when nothing is recorded. */
  history?: HistorySampling;
  collectors: Record<string, CollectorSampling>;
}

/** One tick of the whole machine. A collector that is late, failed or disabled is absent, and `sampling` says why. */
export interface Snapshot extends Partial<CollectorData> {
  type: 'snapshot';
  /** Rises by one per snapshot of this sampler. */
  sequence: number;
  /** Wall-clock time of the tick, ISO 8601 UTC with microseconds. */
  timestamp: string;
  /**
   * Only for a client that asked for a longer interval with `aggregate=minmax`: the smallest and the largest value
   * that each number had within it, in the shape of the data.
   */
  minimum?: Record<string, unknown>;
  maximum?: Record<string, unknown>;
  sampling: Sampling;
}
