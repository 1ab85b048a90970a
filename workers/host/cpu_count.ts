import { readText } from '../files/slow_file.ts';
import { parseCpuIds } from './cpu_list.ts';

/** More than any kernel is built for: where nobody says how many there are, bounds are the wider. */
const MOST_CPUS = 8_192;

/** How many CPUs a host can have at most, those that are offline or yet to be plugged in included. */
export function possibleCpus(rootfs: string): number {
  const count = parseCpuIds(readText(`${rootfs}/sys/devices/system/cpu/possible`) ?? '').length;
  return count > 0 ? count : MOST_CPUS;
}
