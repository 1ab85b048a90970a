import { monotonicNs } from '../base/clock.ts';
import { NS_PER_SECOND, NS_PER_US } from '../base/units.ts';

/** What the sampler itself uses, refreshed once a second: asking costs more than most readings. */
export class SelfUsage {
  /** CPU of all threads in the last second, as a share of one core; unknown in the first second. */
  cpuPercent: number | undefined;
  memoryBytes = process.memoryUsage.rss();
  #cpuUs = SelfUsage.#usedUs();
  #measuredNs = monotonicNs();

  /** Returns how long the figures are of when a second has passed, and with it there are new ones. */
  refresh(nowNs: number): number | undefined {
    const elapsedNs = nowNs - this.#measuredNs;
    if (elapsedNs < NS_PER_SECOND) return undefined;
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
