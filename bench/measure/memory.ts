import { readFileSync } from 'node:fs';
import { BYTES_PER_KIB } from '../../src/shared/units.ts';

/** Memory of a process with its share of what it shares (PSS), from /proc/PID/smaps_rollup; undefined once it has ended. */
export function pssBytes(pid: number): number | undefined {
  try {
    const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
    return kib === undefined ? undefined : Number(kib) * BYTES_PER_KIB;
  } catch {
    return undefined;
  }
}
