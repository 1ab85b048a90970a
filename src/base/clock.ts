import { NS_PER_MS, NS_PER_SECOND } from './units.ts';

/** Two clocks are compared so often, and the closest comparison counts. */
const COMPARISONS = 8;

/**
 * What CLOCK_MONOTONIC said, in nanoseconds, when a clock in milliseconds began. A thread that loses its core
 * between asking the one clock and the other would be wrong by that time as long as it lives, and see its ticks
 * in another place than all other threads: the comparison in which the least time passed is the one to believe.
 */
export function monotonicOriginNs(nowMs: () => number, monotonic: () => [number, number]): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  let originNs = 0;
  for (let i = 0; i < COMPARISONS; i++) {
    const beforeMs = nowMs();
    const [seconds, nanoseconds] = monotonic();
    const tookMs = nowMs() - beforeMs;
    if (tookMs >= shortestMs) continue;
    shortestMs = tookMs;
    originNs = seconds * NS_PER_SECOND + nanoseconds - (beforeMs + tookMs / 2) * NS_PER_MS;
  }
  return originNs;
}

const originNs = monotonicOriginNs(() => performance.now(), process.hrtime);

/**
 * CLOCK_MONOTONIC in nanoseconds, the same clock in every thread. A double is exact for 104 days of uptime and
 * to 2 ns for a year after that. Of the ways to ask, performance.now() is the one that costs least on a thread
 * that has just woken up, where every line of code is cold.
 */
export function monotonicNs(): number {
  return originNs + performance.now() * NS_PER_MS;
}
