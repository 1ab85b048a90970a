import { malformed, requireWholeLines } from './malformed.ts';

/**
 * A file of /proc/pressure. Documentation/accounting/psi.rst:
 *
 *     some avg10=0.00 avg60=0.01 avg300=0.06 total=6580387
 *     full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 *
 * Only `total` is read, microseconds since boot, which the kernel brings up to date at every read; the averages
 * move once in two seconds. `cpu` had no `full` row before 5.13, and `irq` has no `some` row.
 */
export const SOME = 0;
export const FULL = 1;
export const ROWS = 2;

const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
const ROW_NAMES = [Buffer.from('some '), Buffer.from('full ')];
const TOTAL = Buffer.from(' total=');
/** Digits of the largest 64-bit counter. */
const LONGEST_INTEGER = 20;

/**
 * Fills `out` with the totals by row, NaN for a row that is not there.
 *
 * @throws HzstatError SOURCE_MALFORMED when the file is cut off, has neither row, or a row has no total
 */
export function parsePressure(path: string, bytes: Uint8Array, length: number, out: Float64Array): void {
  requireWholeLines(path, bytes, length);
  out.fill(Number.NaN);
  for (let at = 0; at < length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    for (let row = 0; row < ROWS; row++) {
      if (!standsAt(bytes, at, ROW_NAMES[row]!)) continue;
      const total = totalBefore(bytes, end, at);
      if (Number.isNaN(total)) throw malformed(path, 'has a row without a total');
      out[row] = total;
    }
    at = end + 1;
  }
  if (Number.isNaN(out[SOME]!) && Number.isNaN(out[FULL]!)) {
    throw malformed(path, 'has neither a row "some" nor a row "full"');
  }
}

/** The number the line ends with, or NaN when it is no total. */
function totalBefore(bytes: Uint8Array, end: number, start: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === SPACE) at--;
  const after = at;
  while (at > start && bytes[at - 1]! - ZERO >= 0 && bytes[at - 1]! - ZERO <= 9) at--;
  const digits = after - at;
  if (digits === 0 || digits > LONGEST_INTEGER) return Number.NaN;
  if (at - TOTAL.length < start || !standsAt(bytes, at - TOTAL.length, TOTAL)) return Number.NaN;
  let value = 0;
  for (; at < after; at++) value = value * 10 + bytes[at]! - ZERO;
  return value;
}

function standsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
