import { BYTES_PER_KIB, MS_PER_SECOND } from '../../base/units.ts';
import type { Unit } from '../../model/field.ts';

const HERTZ_PER_MHZ = 1e6;
const US_PER_SECOND = 1e6;
const PERCENT = 100;

/**
 * A number of that unit in the one unit Prometheus has for its quantity: percent become ratios, times seconds,
 * KiB bytes and clock rates hertz.
 */
export function inBaseUnit(unit: Unit, value: number): number {
  switch (unit) {
    case 'percent':
      return value / PERCENT;
    case 'ms':
      return value / MS_PER_SECOND;
    case 'us':
      return value / US_PER_SECOND;
    case 'KB':
    case 'KB/s':
      return value * BYTES_PER_KIB;
    case 'MHz':
      return value * HERTZ_PER_MHZ;
    default:
      return value;
  }
}
