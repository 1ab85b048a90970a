import { monotonicNs } from '../base/clock.ts';
import { NS_PER_SECOND, NS_PER_US } from '../base/units.ts';

/** Main may look at ticks as seldom as this; asking more often costs more than most readings. */
const REFRESH_NS = 0.85 * NS_PER_SECOND;

/** What the sampler itself uses, refreshed about once a second. */
export class SelfUsage {
  /** CPU of all threads in about the last second, as a share of one core; unknown in the first second. */
  cpuPercent: number | undefined;
  memoryBytes = process.memoryUsage.rss();
  #cpuUs = SelfUsage.#usedUs();
  #measuredNs = monotonicNs();

  /**
   * Returns how long the figures are of, when there are new ones.
   *
   * @param dueNs of the tick that is looked at, which may be a while ago: what was used is of now
   */
  refresh(dueNs: number): number | undefined {
    if (dueNs - this.#measuredNs < REFRESH_NS) return undefined;
    const nowNs = Math.max(dueNs, monotonicNs());
    const elapsedNs = nowNs - this.#measuredNs;
    const cpuUs = SelfUsage.#usedUs();
    this.cpuPercent = (100 * (cpuUs - this.#cpuUs) * NS_PER_US) / elapsedNs;
    this.memoryBytes = process.memoryUsage.rss();
    this.#cpuUs = cpuUs;
    this.#measuredNs = nowNs;
    return elapsedNs;
  }

  static #usedUs(): number {
    const usage = process.cpuUsage();
    return usage.user + usage.system;
  }
}
