import { BYTES_PER_KIB } from '../../shared/units.ts';
import type { Value } from './family.ts';

// Prometheus has one unit for each quantity. What is missing stays missing.

type Figure = number | null | undefined;

const HERTZ_PER_MHZ = 1e6;
const MS_PER_SECOND = 1e3;
const US_PER_SECOND = 1e6;
const PERCENT = 100;

export function ratio(percent: Figure): Value {
  return percent == null ? percent : percent / PERCENT;
}

export function secondsFromMs(ms: Figure): Value {
  return ms == null ? ms : ms / MS_PER_SECOND;
}

export function secondsFromUs(us: Figure): Value {
  return us == null ? us : us / US_PER_SECOND;
}

export function bytesFromKib(kib: Figure): Value {
  return kib == null ? kib : kib * BYTES_PER_KIB;
}

export function hertzFromMhz(mhz: Figure): Value {
  return mhz == null ? mhz : mhz * HERTZ_PER_MHZ;
}
