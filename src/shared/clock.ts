import { NS_PER_MS, NS_PER_SECOND } from './units.ts';

/** CLOCK_MONOTONIC at this thread's origin of performance.now(), which counts on from there on the same clock. */
const originNs = (() => {
  const nowMs = performance.now();
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * NS_PER_SECOND + nanoseconds - nowMs * NS_PER_MS;
})();

/**
 * CLOCK_MONOTONIC in nanoseconds, the same clock in every thread. A double is exact for 104 days of uptime and
 * to 2 ns for a year after that. Of the ways to ask, performance.now() is the one that costs least on a thread
 * that has just woken up, where every line of code is cold.
 */
export function monotonicNs(): number {
  return originNs + performance.now() * NS_PER_MS;
}
