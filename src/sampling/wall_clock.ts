import { monotonicNs } from '../shared/clock.ts';
import { NS_PER_MS, NS_PER_US } from '../shared/units.ts';

/** Date.now() counts whole milliseconds, so a smaller difference from it is no step of the clock. */
const LARGEST_DRIFT_MS = 2;
const US_PER_SECOND = 1_000_000;

/** Tells the wall-clock time of monotonic times, and notices when somebody sets the clock. */
export class WallClock {
  /** Unix time minus monotonic time. Finer than Date.now() until the first step. */
  #offsetNs = (performance.timeOrigin + performance.now()) * NS_PER_MS - monotonicNs();
  #second = Number.NaN;
  #secondText = '';

  /** Follows a step of the wall clock; call once a tick. */
  synchronise(): void {
    const believedMs = (monotonicNs() + this.#offsetNs) / NS_PER_MS;
    const aheadMs = Date.now() + 0.5 - believedMs;
    if (Math.abs(aheadMs) > LARGEST_DRIFT_MS) this.#offsetNs += aheadMs * NS_PER_MS;
  }

  /** ISO 8601 UTC with microseconds. */
  timestamp(monotonic: number): string {
    const unixUs = Math.floor((monotonic + this.#offsetNs) / NS_PER_US);
    const second = Math.floor(unixUs / US_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    return `${this.#secondText}${String(unixUs - second * US_PER_SECOND).padStart(6, '0')}Z`;
  }
}
