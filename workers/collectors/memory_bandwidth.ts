import { monotonicNs } from '../../src/shared/clock.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { MemoryBandwidthData } from '../../src/shared/snapshot.ts';
import { BYTES_PER_KIB } from '../../src/shared/units.ts';
import { BaseCollector } from '../base_collector.ts';
import { counterDelta, perSecond } from '../counters/rates.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { pageSizeBytes } from '../host/page_size.ts';
import { KeyedNumbers } from '../parse/keyed_numbers.ts';
import { malformed, requireWholeLines } from '../parse/malformed.ts';

/** Counters of /proc/vmstat since boot. The kernel halves its sectors, so the first two are KiB already. */
const KEYS = ['pgpgin', 'pgpgout', 'pswpin', 'pswpout', 'pgfault', 'pgmajfault'];

/**
 * Paging and block I/O from the event counters of /proc/vmstat, which are summed over CPUs at the moment they
 * are read. It is not DRAM traffic, which only the memory controller counts.
 */
export class MemoryBandwidthCollector extends BaseCollector<MemoryBandwidthData> {
  readonly name = 'memory_bandwidth';
  readonly #now: () => number;
  readonly #file: KernelFile;
  readonly #vmstat = new KeyedNumbers(KEYS, ' ');
  readonly #previous = new Float64Array(KEYS.length);
  readonly #rates = new Float64Array(KEYS.length);
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
    const complete = previousNs !== undefined && this.#computeRates(current, nowNs - previousNs);
    this.#previous.set(current);
    this.#previousNs = nowNs;
    if (!complete) return null;
    this.elapsedNs = nowNs - previousNs;
    return this.#fill();
  }

  override reset(): void {
    this.#previousNs = undefined;
  }

  override close(): void {
    this.#file.close();
  }

  /** False when a counter went backwards: nobody knows what it counted before that. */
  #computeRates(current: Float64Array, elapsedNs: number): boolean {
    for (let i = 0; i < current.length; i++) {
      const value = current[i]!;
      if (Number.isNaN(value)) {
        this.#rates[i] = Number.NaN;
        continue;
      }
      const rate = perSecond(counterDelta(this.#previous[i]!, value), elapsedNs);
      if (rate === undefined) return false;
      this.#rates[i] = rate;
    }
    return true;
  }

  #fill(): MemoryBandwidthData {
    const rates = this.#rates;
    const data = this.#data;
    data.pgpgin_per_sec = orNull(rates[0]!);
    data.pgpgout_per_sec = orNull(rates[1]!);
    data.pswpin_per_sec = orNull(rates[2]! * this.#kibPerPage);
    data.pswpout_per_sec = orNull(rates[3]! * this.#kibPerPage);
    data.pgfault_per_sec = orNull(rates[4]!);
    data.pgmajfault_per_sec = orNull(rates[5]!);
    return data;
  }
}

/** A kernel built without swap has no line for it: that is null, not zero. */
function orNull(rate: number): number | null {
  return Number.isNaN(rate) ? null : rate;
}
