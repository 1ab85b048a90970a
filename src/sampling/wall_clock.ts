import { uptime } from 'node:os';
import { monotonicNs } from '../base/clock.ts';
import type { Moment } from '../base/timestamps.ts';
import { MS_PER_SECOND, NS_PER_MS, NS_PER_US } from '../base/units.ts';

/** Date.now() counts whole milliseconds, so a smaller difference from it is no step of the clock. */
const LARGEST_DRIFT_MS = 2;
/** The clock that counts on in suspend is read in steps of 10 ms; less than this is no suspend, and no step to tell of. */
const SMALLEST_STEP_MS = 50;
/** Two readings of clocks with more than this between them were interrupted, and do not compare. */
const LONGEST_COMPARISON_NS = 0.2 * NS_PER_MS;
const MOST_COMPARISONS = 5;
const US_PER_SECOND = 1_000_000;

/** The clocks of the host. */
export interface Clocks {
  /** Stands still while the machine is suspended, and is never set (CLOCK_MONOTONIC). */
  monotonicNs(): number;
  /** Unix time in milliseconds: may be set at any time. */
  unixMs(): number;
  /** The same with fractions, as long as nobody has set it since the process began. */
  unixMsFromStart(): number;
  /** Since boot, suspend included. */
  uptimeSeconds(): number;
}

const HOST_CLOCKS: Clocks = {
  monotonicNs,
  unixMs: Date.now,
  unixMsFromStart: () => performance.timeOrigin + performance.now(),
  uptimeSeconds: uptime,
};

/** Tells the wall-clock time of monotonic times, and notices when somebody sets the clock or the machine sleeps. */
export class WallClock {
  /** How far the clock was set in the latest `synchronise`, forward or back; 0 most of the time. */
  stepMs = 0;
  /** How long the machine slept before the latest `synchronise`; 0 most of the time. */
  suspendedMs = 0;
  readonly #clocks: Clocks;
  /** Unix time minus monotonic time; to half a millisecond after a step of the clock, finer before. */
  #offsetNs: number;
  /** All the time the machine has been suspended since boot. */
  #asleepMs: number;
  #second = Number.NaN;
  #secondText = '';

  constructor(clocks: Clocks = HOST_CLOCKS) {
    this.#clocks = clocks;
    this.#offsetNs = clocks.unixMsFromStart() * NS_PER_MS - clocks.monotonicNs();
    this.#asleepMs = this.#sinceBootAsleepMs();
  }

  /** Follows a step of the wall clock; call once a tick. */
  synchronise(): void {
    this.stepMs = 0;
    this.suspendedMs = 0;
    if (Math.abs(this.#aheadMs(this.#clocks.monotonicNs())) <= LARGEST_DRIFT_MS) return;
    const aheadMs = this.#carefullyAheadMs();
    if (aheadMs === undefined || Math.abs(aheadMs) <= LARGEST_DRIFT_MS) return;
    this.#offsetNs += aheadMs * NS_PER_MS;
    if (Math.abs(aheadMs) < SMALLEST_STEP_MS) return;
    const asleepMs = this.#sinceBootAsleepMs();
    const sleptMs = asleepMs - this.#asleepMs;
    if (sleptMs >= SMALLEST_STEP_MS) this.suspendedMs = sleptMs;
    this.#asleepMs = asleepMs;
    const stepMs = aheadMs - this.suspendedMs;
    if (Math.abs(stepMs) >= SMALLEST_STEP_MS) this.stepMs = stepMs;
  }

  /** Unix time minus monotonic time, as `moment` reckons. */
  get offsetNs(): number {
    return this.#offsetNs;
  }

  /** What the wall clock showed at that monotonic time. */
  moment(monotonic: number): Moment {
    const unixUs = Math.floor((monotonic + this.#offsetNs) / NS_PER_US);
    const second = Math.floor(unixUs / US_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    const text = `${this.#secondText}${String(unixUs - second * US_PER_SECOND).padStart(6, '0')}Z`;
    return { unixUs, text };
  }

  /** How far the wall clock is ahead of what it was believed to be at this monotonic time. */
  #aheadMs(nowNs: number): number {
    return this.#clocks.unixMs() + 0.5 - (nowNs + this.#offsetNs) / NS_PER_MS;
  }

  /** The same between two readings of the other clock so close together that nothing came in between. */
  #carefullyAheadMs(): number | undefined {
    for (let attempt = 0; attempt < MOST_COMPARISONS; attempt++) {
      const beforeNs = this.#clocks.monotonicNs();
      const aheadMs = this.#aheadMs(beforeNs);
      if (this.#clocks.monotonicNs() - beforeNs <= LONGEST_COMPARISON_NS) return aheadMs;
    }
    return undefined;
  }

  #sinceBootAsleepMs(): number {
    return this.#clocks.uptimeSeconds() * MS_PER_SECOND - this.#clocks.monotonicNs() / NS_PER_MS;
  }
}
