import { readFileSync } from 'node:fs';
import { BYTES_PER_KIB } from '../../src/shared/units.ts';

/** Memory of a process with its share of what it shares (PSS), from /proc/PID/smaps_rollup. */
export function pssBytes(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
  return Number(kib) * BYTES_PER_KIB;
}
