import { NS_PER_MS } from '../../src/base/units.ts';
import { CpuTimes } from '../parse/stat.ts';

/**
 * A share of time over less than this says more about the 10 ms steps of the counters than about the CPU. Just
 * under 100 ms, so that at 10 Hz the sample before the current one always serves.
 */
export const SHORTEST_SPAN_NS = 95 * NS_PER_MS;
/** Readings closer together than a jiffy are the same reading. */
const SHORTEST_STEP_NS = 10 * NS_PER_MS;
const CAPACITY = Math.ceil(SHORTEST_SPAN_NS / SHORTEST_STEP_NS) + 2;

interface Reading {
  takenNs: number;
  readonly times: CpuTimes;
}

/**
 * The recent readings of /proc/stat. At high rates a sample is compared not with the one before it but with one
 * old enough for jiffies to mean something: the figures then glide over the last 100 ms.
 */
export class CpuWindow {
  readonly #kept: Reading[] = [];
  #spare: Reading[] = [];

  /** A reading to fill; becomes part of the window with `keep`. */
  blank(): CpuTimes {
    if (this.#spare.length === 0) this.#spare.push({ takenNs: 0, times: new CpuTimes() });
    return this.#spare.at(-1)!.times;
  }

  /** The youngest reading that is old enough, else the oldest there is; undefined at the very beginning. */
  reference(nowNs: number): Readonly<Reading> | undefined {
    const kept = this.#kept;
    for (let i = kept.length - 1; i >= 0; i--) {
      if (nowNs - kept[i]!.takenNs >= SHORTEST_SPAN_NS) return kept[i];
    }
    return kept[0];
  }

  /** Keeps the reading filled last, unless it is too close to the one before to be worth its place. */
  keep(nowNs: number): void {
    const latest = this.#kept.at(-1);
    if (latest !== undefined && nowNs - latest.takenNs < SHORTEST_STEP_NS) return;
    const reading = this.#spare.pop();
    if (reading === undefined) return;
    reading.takenNs = nowNs;
    this.#kept.push(reading);
    if (this.#kept.length > CAPACITY) this.#spare.push(this.#kept.shift()!);
  }

  clear(): void {
    this.#spare = [...this.#spare, ...this.#kept.splice(0)];
  }
}
