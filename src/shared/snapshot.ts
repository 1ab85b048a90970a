/**
 * What one tick of the sampler looks like to everybody: stream, history, dashboard and scripts. Field names are
 * the public contract; the unit is in the name.
 *
 * Two ways to be missing, both deliberate: a key that is absent is not known yet (the first sample of a rate), a
 * value that is `null` cannot be had on this host or for this row (no sensor, an offline core).
 */

/** `cpu`: shares of time since the previous sample, from /proc/stat. The eight kinds add up to 100. */
export interface CpuData {
  /** 100 − idle − iowait. */
  usage_percent: number;
  /** By core id: index 3 is `cpu3`. `null` for a core that is offline or was seen for the first time. */
  per_core: (number | null)[];
  /** Guest time is inside user, as the kernel accounts it. */
  user_percent: number;
  nice_percent: number;
  system_percent: number;
  idle_percent: number;
  iowait_percent: number;
  irq_percent: number;
  softirq_percent: number;
  steal_percent: number;
  /** Mean over online cores: cpufreq, else /proc/cpuinfo, else null. Refreshed once a second at most. */
  frequency_mhz: number | null;
  /** Load averages; null where /proc/loadavg cannot be read. */
  load_avg_1m: number | null;
  load_avg_5m: number | null;
  load_avg_15m: number | null;
  /** hwmon (coretemp, k10temp, zenpower, cpu_thermal), else a thermal zone, else null. */
  temperature_celsius: number | null;
}

/** `memory`: gauges from /proc/meminfo. What an older kernel does not print is absent. */
export interface MemoryData {
  total_bytes: number;
  available_bytes: number;
  /** total − available. */
  used_bytes: number;
  percent: number;
  swap_total_bytes: number;
  swap_used_bytes: number;
  swap_percent: number;
  buffers_bytes: number | null;
  /** Page cache with reclaimable slab. */
  cached_bytes: number | null;
  free_bytes?: number | undefined;
  active_bytes?: number | undefined;
  inactive_bytes?: number | undefined;
  dirty_bytes?: number | undefined;
  writeback_bytes?: number | undefined;
  mapped_bytes?: number | undefined;
  anon_bytes?: number | undefined;
  shmem_bytes?: number | undefined;
  slab_bytes?: number | undefined;
  slab_reclaimable_bytes?: number | undefined;
  page_tables_bytes?: number | undefined;
  kernel_stack_bytes?: number | undefined;
  committed_bytes?: number | undefined;
  commit_limit_bytes?: number | undefined;
  huge_pages_total?: number | undefined;
  huge_pages_free?: number | undefined;
  huge_page_size_bytes?: number | undefined;
}

/** Counters since boot, and what they grew by per second since the previous sample. */
export interface NetworkCounters {
  bytes_sent: number;
  bytes_recv: number;
  packets_sent: number;
  packets_recv: number;
  errin: number;
  errout: number;
  dropin: number;
  dropout: number;
  bytes_sent_per_sec?: number;
  bytes_recv_per_sec?: number;
  packets_sent_per_sec?: number;
  packets_recv_per_sec?: number;
}

export interface InterfaceData extends NetworkCounters {
  /** Whether this interface is one of the host's own wires and therefore part of the totals. */
  in_total: boolean;
}

/** `network`: totals over the host's own wires, and every interface, from /proc/net/dev. */
export interface NetworkData extends NetworkCounters {
  interfaces: Record<string, InterfaceData>;
}

/** Counters since boot, and what they grew by per second since the previous sample. */
export interface DiskCounters {
  read_bytes: number;
  write_bytes: number;
  read_count: number;
  write_count: number;
  read_bytes_per_sec?: number;
  write_bytes_per_sec?: number;
  reads_per_sec?: number;
  writes_per_sec?: number;
}

export interface DeviceData extends DiskCounters {
  /** Requests issued to the device and not yet completed. */
  in_flight: number;
  /** Share of time with at least one request in flight, at most 100; coarse below 50 ms (jiffies). */
  busy_percent?: number;
  /** Mean time a completed request took, queue included; null when none completed in the interval. */
  read_latency_ms?: number | null;
  write_latency_ms?: number | null;
  /** Whether this device is a whole physical disk and therefore part of the totals. */
  in_total: boolean;
}

export interface PartitionData {
  total_bytes: number;
  used_bytes: number;
  /** What an unprivileged user may still write. */
  free_bytes: number;
  /** used / (used + free), as df shows it. */
  percent: number;
  device: string;
  filesystem: string;
}

/**
 * `disk`: totals over whole physical disks and every block device from /proc/diskstats; local file systems. Without
 * that file, as in some containers, there are no totals and no devices.
 */
export interface DiskData extends Partial<DiskCounters> {
  devices: Record<string, DeviceData>;
  /** By mount point; refreshed every few seconds. Network and FUSE file systems are left alone. */
  partitions: Record<string, PartitionData>;
  /** Mount points whose file system did not answer in time; absent when there are none. */
  partitions_stuck?: string[];
}

export interface PerfEventData {
  /** Counted in the interval; null when the event was on no counter, or the count cannot be right. */
  value: number | null;
  /** `msec` for clocks, null for plain counts. */
  unit: string | null;
  /** Share of the interval the event was really counted, when counters are shared; below 100 the value is an estimate. */
  running_percent?: number;
}

/** `perf_events`: the latest complete interval of `perf stat`. */
export interface PerfEventsData {
  /** Whether all requested events count. Those that do are in `events` either way. */
  available: boolean;
  cpu_cores: string;
  /** What perf was asked for; `sample_time` tells what it did. */
  interval_ms: number;
  /** Seconds since perf started, at the end of the interval, as perf prints it. Absent before the first. */
  sample_time?: string;
  /** Real length of the interval the values were counted over. */
  elapsed_ms?: number;
  events: Record<string, PerfEventData>;
  /** The kernel's part is not counted, because this user may not watch it. */
  user_space_only?: boolean;
  missing_events?: string[];
  unsupported_events?: string[];
  /** Why events cannot be had, and what to do about it. */
  error?: string;
}

/**
 * `memory_bandwidth`: paging and block I/O from /proc/vmstat. This is not DRAM traffic. `null` where the kernel
 * does not count (no swap built in).
 */
export interface MemoryBandwidthData {
  /** KB/s read from block devices, swap included. */
  pgpgin_per_sec: number | null;
  /** KB/s written to block devices, swap included. */
  pgpgout_per_sec: number | null;
  /** KB/s swapped in. */
  pswpin_per_sec: number | null;
  /** KB/s swapped out. */
  pswpout_per_sec: number | null;
  /** Page faults per second, minor and major. */
  pgfault_per_sec: number | null;
  /** Major page faults (those that had to wait for a disk) per second. */
  pgmajfault_per_sec: number | null;
}

/**
 * What one resource cost the tasks that wanted it. `null` where the kernel does not define it: `full` of cpu (that
 * no task at all runs for want of CPU cannot be), `some` of irq. The shares are absent in the first sample.
 */
export interface StallData {
  /** Share of the time in which at least one task waited. */
  some_percent?: number | null | undefined;
  /** Share of the time in which all tasks that had something to do waited. */
  full_percent?: number | null | undefined;
  /** Microseconds since boot. */
  some_total_us: number | null;
  full_total_us: number | null;
}

/** `pressure`: stall times from /proc/pressure, to the microsecond. */
export interface PressureData {
  /** Each absent where its file cannot be read. */
  cpu?: StallData;
  memory?: StallData;
  io?: StallData;
  /** Time interrupt handlers took from tasks; absent where the kernel does not account it. */
  irq?: StallData;
}

export interface SoftirqData {
  /** Since boot; the kernel counts in 32 bits, which wrap. */
  handled: number;
  handled_per_sec?: number | undefined;
}

/** `interrupts`: counters since boot from /proc/stat, what they grew by per second, and tasks at the moment. */
export interface InterruptsData {
  context_switches: number;
  interrupts: number;
  /** All kinds together; null before Linux 2.6.31. */
  soft_interrupts: number | null;
  /** Processes and threads created. */
  forks: number;
  context_switches_per_sec?: number | undefined;
  interrupts_per_sec?: number | undefined;
  soft_interrupts_per_sec?: number | undefined;
  forks_per_sec?: number | undefined;
  /** Tasks that run or could; the one that reads this is among them. */
  tasks_running: number | null;
  /** Tasks that wait for a disk. */
  tasks_blocked: number | null;
  /** By kind: hi, timer, net_tx, net_rx, block, irq_poll, tasklet, sched, hrtimer, rcu. */
  softirqs: Record<string, SoftirqData>;
}

/** Each built-in collector and what it delivers. */
export interface CollectorData {
  cpu: CpuData;
  memory: MemoryData;
  network: NetworkData;
  disk: DiskData;
  perf_events: PerfEventsData;
  memory_bandwidth: MemoryBandwidthData;
  pressure: PressureData;
  interrupts: InterruptsData;
}

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
export interface Sampling {
  /** Number of the tick: monotonic time divided by the interval. */
  tick: number;
  interval_ms: number;
  /** Between this snapshot's reads and the reads before; absent in the first. */
  actual_interval_ms?: number;
  /** The latest start of a read after the scheduled tick. */
  lateness_ms: number;
  /** Ticks since start for which there is no snapshot. */
  missed_ticks: number;
  /** Somebody set the wall clock since the snapshot before, by so much; from here on timestamps go by the new time. */
  clock_step_ms?: number;
  /** The machine slept between the snapshot before and this one. Rates do not count that time. */
  suspended_ms?: number;
  /** CPU the sampler used in the last second, all its threads, as a share of one core. */
  cpu_percent?: number;
  /** Resident memory of the sampler. */
  memory_bytes: number;
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
