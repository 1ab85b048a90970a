import { HzstatError } from '../../src/base/errors.ts';

const NEWLINE = 10;

/** The error for a kernel file that does not look as the kernel prints it. */
export function malformed(path: string, what: string): HzstatError {
  return new HzstatError('SOURCE_MALFORMED', `${path} ${what}`);
}

/**
 * Refuses a file that does not end with a whole line: where it was cut there may be half a number, and half a
 * number looks like a number.
 */
export function requireWholeLines(path: string, bytes: Uint8Array, length: number): void {
  if (length === 0) throw malformed(path, 'is empty');
  if (bytes[length - 1] !== NEWLINE) throw malformed(path, `is cut off after ${length} bytes`);
}
