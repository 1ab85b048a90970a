import { malformed, requireWholeLines } from '../../parse/malformed.ts';

const NEWLINE = 10;
const ZERO = 48;
/** Digits of the largest 64-bit counter. */
const LONGEST_INTEGER = 20;

/**
 * A file that is one number on one line: memory.current, pids.current, cpuacct.usage.
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseNumber(path: string, bytes: Uint8Array, length: number): number {
  requireWholeLines(path, bytes, length);
  let value = 0;
  let at = 0;
  for (; at < length; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === 0 || at > LONGEST_INTEGER || bytes[at] !== NEWLINE || at + 1 !== length)
    throw malformed(path, 'is not one number');
  return value;
}
