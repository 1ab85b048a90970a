import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

const cursor = new ByteCursor();

/**
 * Nanoseconds each CPU has run tasks of a control group, from cpuacct.usage_percpu (kernel/sched/cpuacct.c), all on
 * one line in the order of the possible CPUs:
 *
 *     45783043343 55749251427
 *
 * Returns how many there were.
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseUsagePerCpu(path: string, bytes: Uint8Array, length: number, out: Float64Array): number {
  requireWholeLines(path, bytes, length);
  cursor.over(bytes, length);
  const count = cursor.columns(out, out.length);
  if (count === 0 || (!cursor.atLineEnd() && count < out.length))
    throw malformed(path, 'is not a line of numbers');
  return count;
}
