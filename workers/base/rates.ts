import { NS_PER_SECOND } from '../../src/base/units.ts';

/** Below this share of its range a counter that went backwards was reset, above it it wrapped around. */
const NEAR_THE_END = 0.75;

/**
 * How much a counter grew, or undefined when that cannot be known. A counter that went backwards has wrapped
 * only if it is of a known width and was near its end; otherwise it was reset, and what it counted before the
 * reset is unknown.
 *
 * @param range number of values the counter can take (2 ** 32), or undefined for one that never wraps
 */
export function counterDelta(previous: number, current: number, range?: number): number | undefined {
  if (current >= previous) return current - previous;
  if (range === undefined || previous > range) return undefined;
  const wrapped = current + range - previous;
  return previous > range * NEAR_THE_END && wrapped < range * (1 - NEAR_THE_END) ? wrapped : undefined;
}

/** A growth per second, or undefined when the growth is unknown or no time has passed. */
export function perSecond(delta: number | undefined, elapsedNs: number): number | undefined {
  if (delta === undefined || !(elapsedNs > 0)) return undefined;
  return (delta * NS_PER_SECOND) / elapsedNs;
}

/** `part` of `whole` in percent, between 0 and 100; 0 of 0 is 0. */
export function percentOf(part: number, whole: number): number {
  if (!(whole > 0)) return 0;
  return Math.min(100, Math.max(0, (100 * part) / whole));
}
