import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

const CPU = Buffer.from('cpu');
const VERSION = Buffer.from('version ');
/** Since this version the time run is in nanoseconds. */
const OLDEST_VERSION = 15;
const COLUMNS = 9;
const TIME_RUN = 6;

const cursor = new ByteCursor();
const columns = new Float64Array(COLUMNS);

/**
 * Nanoseconds each CPU has run tasks, from /proc/schedstat (Documentation/scheduler/sched-stats.rst): the seventh
 * number of each `cpu` line, which grows when a task leaves the CPU.
 *
 *     version 15
 *     timestamp 4295148296
 *     cpu0 0 0 0 0 0 0 2142378934 45632892 12345
 *     domain0 00000003 0 0 0 …
 *
 * Goes into `out` by the id of the CPU; what is not in the file stays as it was.
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseSchedstat(path: string, bytes: Uint8Array, length: number, out: Float64Array): void {
  requireWholeLines(path, bytes, length);
  cursor.over(bytes, length);
  if (!cursor.take(VERSION)) throw malformed(path, 'does not begin with its version');
  const version = cursor.digits();
  if (version < OLDEST_VERSION)
    throw malformed(path, `is of version ${version}, before times were in nanoseconds`);
  for (cursor.nextLine(); !cursor.atEnd; cursor.nextLine()) {
    if (!cursor.take(CPU)) continue;
    const id = cursor.digits();
    if (cursor.columns(columns, COLUMNS) === COLUMNS && id < out.length) out[id] = columns[TIME_RUN]!;
  }
}
