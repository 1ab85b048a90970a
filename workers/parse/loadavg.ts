import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

const cursor = new ByteCursor();

/**
 * The three load averages of /proc/loadavg, into the first three places of `out`:
 *
 *     0.52 0.58 0.59 1/467 12345
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseLoadavg(path: string, bytes: Uint8Array, length: number, out: Float64Array): void {
  requireWholeLines(path, bytes, length);
  cursor.over(bytes, length);
  for (let i = 0; i < 3; i++) {
    if (cursor.atLineEnd()) throw malformed(path, 'has fewer than three load averages');
    out[i] = cursor.decimal();
  }
}
