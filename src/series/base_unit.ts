import { BYTES_PER_KIB } from '../base/units.ts';
import type { Unit } from '../model/field.ts';

/** What a number is multiplied with, and then divided by: both whole, so that decimals stay exact. */
export interface Ratio {
  readonly times: number;
  readonly over: number;
}

export const AS_IT_IS: Ratio = { times: 1, over: 1 };
const PERCENT: Ratio = { times: 1, over: 100 };
const MS: Ratio = { times: 1, over: 1_000 };
const US: Ratio = { times: 1, over: 1_000_000 };
const KIB: Ratio = { times: BYTES_PER_KIB, over: 1 };
const MHZ: Ratio = { times: 1_000_000, over: 1 };

/**
 * What makes of a number of that unit one of the unit Prometheus has for its quantity: percent become ratios, times
 * seconds, KiB bytes and clock rates hertz.
 */
export function toBaseUnit(unit: Unit): Ratio {
  switch (unit) {
    case 'percent':
      return PERCENT;
    case 'ms':
      return MS;
    case 'us':
      return US;
    case 'KB':
    case 'KB/s':
      return KIB;
    case 'MHz':
      return MHZ;
    default:
      return AS_IT_IS;
  }
}

export function inRatio(value: number, { times, over }: Ratio): number {
  return (value * times) / over;
}

/** A number of that unit in the one unit Prometheus has for its quantity. */
export function inBaseUnit(unit: Unit, value: number): number {
  return inRatio(value, toBaseUnit(unit));
}
