import { monotonicNs } from '../../src/base/clock.ts';
import { BYTES_PER_KIB, NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { MemoryBandwidthData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { CounterGroup, type CounterLayout } from '../counters/counter_group.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { pageSizeBytes } from '../host/page_size.ts';
import { KeyedNumbers } from '../parse/keyed_numbers.ts';
import { malformed, requireWholeLines } from '../parse/malformed.ts';

/** Counters of /proc/vmstat since boot. The kernel halves its sectors, so the first two are KiB already. */
const RATED = ['pgpgin', 'pgpgout', 'pswpin', 'pswpout', 'pgfault', 'pgmajfault'];
const KEYS = [...RATED, 'oom_kill'];
const LAYOUT: CounterLayout = { columns: KEYS.map((_, column) => column), rated: RATED.length };

/**
 * Paging and block I/O from the event counters of /proc/vmstat, which are summed over CPUs at the moment they
 * are read. It is not DRAM traffic, which only the memory controller counts.
 */
export class MemoryBandwidthCollector extends BaseCollector<MemoryBandwidthData> {
  readonly name = 'memory_bandwidth';
  readonly #now: () => number;
  readonly #file: KernelFile;
  readonly #vmstat = new KeyedNumbers(KEYS, ' ');
  readonly #counters = new CounterGroup(LAYOUT);
  readonly #kibPerPage = pageSizeBytes() / BYTES_PER_KIB;
  /** When the previous counters were read; undefined when there are none. */
  #previousNs: number | undefined;
  readonly #data: MemoryBandwidthData = {
    pgpgin_per_sec: null,
    pgpgout_per_sec: null,
    pswpin_per_sec: null,
    pswpout_per_sec: null,
    pgfault_per_sec: null,
    pgmajfault_per_sec: null,
    pgpgin: null,
    pgpgout: null,
    pswpin: null,
    pswpout: null,
    pgfault: null,
    pgmajfault: null,
    oom_kills: null,
  };

  constructor(options: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#now = now;
    this.#file = new KernelFile(`${options.rootfs}/proc/vmstat`);
  }

  collect(): MemoryBandwidthData | null {
    const previousNs = this.#previousNs;
    // Forgotten until this reading has succeeded: after a failure the next rate needs two readings again.
    this.#previousNs = undefined;
    const nowNs = this.#now();
    const length = this.#file.read();
    requireWholeLines(this.#file.path, this.#file.bytes, length);
    this.#vmstat.parse(this.#file.bytes, length);
    const current = this.#vmstat.values;
    if (current.every(Number.isNaN)) throw malformed(this.#file.path, `has none of ${KEYS.join(', ')}`);
    this.#counters.advance(current);
    this.#previousNs = nowNs;
    const elapsedNs = previousNs === undefined ? 0 : nowNs - previousNs;
    // When a counter went backwards nobody knows what it counted before that.
    if (!this.#counters.known || !(elapsedNs > 0)) return null;
    this.elapsedNs = elapsedNs;
    return this.#fill(NS_PER_SECOND / elapsedNs);
  }

  override reset(): void {
    this.#previousNs = undefined;
  }

  override close(): void {
    this.#file.close();
  }

  /** @param scale what makes a growth one per second */
  #fill(scale: number): MemoryBandwidthData {
    const { deltas, values } = this.#counters;
    const rate = (column: number): number | null => orNull(deltas[column]! * scale);
    const data = this.#data;
    data.pgpgin_per_sec = rate(0);
    data.pgpgout_per_sec = rate(1);
    data.pswpin_per_sec = orNull(deltas[2]! * scale * this.#kibPerPage);
    data.pswpout_per_sec = orNull(deltas[3]! * scale * this.#kibPerPage);
    data.pgfault_per_sec = rate(4);
    data.pgmajfault_per_sec = rate(5);
    data.pgpgin = orNull(values[0]!);
    data.pgpgout = orNull(values[1]!);
    data.pswpin = orNull(values[2]! * this.#kibPerPage);
    data.pswpout = orNull(values[3]! * this.#kibPerPage);
    data.pgfault = orNull(values[4]!);
    data.pgmajfault = orNull(values[5]!);
    data.oom_kills = orNull(values[6]!);
    return data;
  }
}

/** A kernel built without swap has no line for it: that is null, not zero. */
function orNull(figure: number): number | null {
  return Number.isNaN(figure) ? null : figure;
}
