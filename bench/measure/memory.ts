import { readFileSync } from 'node:fs';
import { BYTES_PER_KIB } from '../../src/base/units.ts';

/** Memory of a process with its share of what it shares (PSS), from /proc/PID/smaps_rollup; undefined once it has ended. */
export function pssBytes(pid: number): number | undefined {
  return bytesIn('Pss', pid);
}

/** Resident memory of a process (RSS), shared or not; undefined once it has ended. */
export function rssBytes(pid: number): number | undefined {
  return bytesIn('Rss', pid);
}

function bytesIn(line: 'Pss' | 'Rss', pid: number): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kib = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
    return kib === undefined ? undefined : Number(kib) * BYTES_PER_KIB;
  } catch {
    return undefined;
  }
}
