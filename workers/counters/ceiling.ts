import { NS_PER_SECOND } from '../../src/base/units.ts';

/**
 * The most a counter can grow by. This is the rule for every counter of every collector: what grew by more than can
 * have happened in the time makes no rate, enters no total, and is said in `sources` (see {@link Disbelief}).
 */
export interface Ceiling {
  readonly perSecond: number;
  /** So much may come at once whatever time has passed: counters are brought up to date late and in steps. */
  readonly atOnce: number;
}

/** The most that can have been counted in that time. */
export function mostWithin({ perSecond, atOnce }: Ceiling, elapsedNs: number): number {
  return (perSecond * elapsedNs) / NS_PER_SECOND + atOnce;
}
