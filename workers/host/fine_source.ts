import type { CpuTimes } from '../parse/stat.ts';

/** A source that knows the time of single cores more finely than jiffies. */
export interface FineSource {
  readonly name: 'cpuacct' | 'cpuidle' | 'schedstat';
  /** Whether it counts idle time or time run. */
  readonly counts: 'idle' | 'run';
  /** Whether it is brought up to date at every kernel tick, and not only when the core changes over. */
  readonly ticks: boolean;
  /** Microseconds in the order of the rows of the reading; not-a-number for a core it does not tell of. */
  readonly us: Float64Array;
  /** Whether this host has it; known once it has been read. */
  readonly present: boolean;
  /** How many cores it covers. */
  readonly cores: number;
  /**
   * Reads it, for the cores in this reading of /proc/stat.
   *
   * @throws HzstatError when it cannot be read any more
   */
  read(nowNs: number, times: CpuTimes): void;
  close(): void;
}
