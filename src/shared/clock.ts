import { NS_PER_MS, NS_PER_SECOND } from './units.ts';

/**
 * CLOCK_MONOTONIC in nanoseconds, the same clock in every thread. A double is exact for 104 days of uptime and
 * to 2 ns for a year after that, and unlike a bigint it costs no allocation.
 */
export function monotonicNs(): number {
  const time = process.hrtime();
  return time[0] * NS_PER_SECOND + time[1];
}

/** Nanoseconds to add to a monotonic time to get the Unix time it happened at, by the wall clock as it is now. */
export function wallOffsetNs(): number {
  return (performance.timeOrigin + performance.now()) * NS_PER_MS - monotonicNs();
}
