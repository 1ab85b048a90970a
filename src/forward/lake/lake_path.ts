import { MS_PER_SECOND } from '../../base/units.ts';
import { type Period, periodIn } from '../../history/segments/outbox.ts';

// How a lake is laid out: partitions as Hive names them, which every engine reads.

const DAY_MS = 86_400 * MS_PER_SECOND;
const ENDING = '.parquet';

/** A file of a lake, by what its path says. */
export interface LakePath extends Period {
  readonly table: string;
  readonly host: string;
}

/** The day a time is in, UTC. */
export function dateOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}

/** Where a file goes: `table=cpu/date=2026-11-26/host=db-7/20261126T1000Z-1h.parquet`. */
export function lakePath({ table, host, fromMs }: Omit<LakePath, 'toMs'>, stem: string): string {
  return `table=${escaped(table)}/date=${dateOf(fromMs)}/host=${escaped(host)}/${stem}${ENDING}`;
}

/** Where it is written which files of a host there are of a day; names that begin with _ are no data for any engine. */
export function dayManifestPath(date: string, host: string): string {
  return `_manifest/date=${date}/host=${escaped(host)}.json`;
}

/** What the path of a file says, from `table=` on; undefined where it is none of these. */
export function readLakePath(path: string): LakePath | undefined {
  const [, table, date, host, name = ''] =
    /^table=([^/]+)\/date=([^/]+)\/host=([^/]+)\/([^/]+)\.parquet$/.exec(path) ?? [];
  const period = periodIn(name);
  if (table === undefined || host === undefined || period === undefined) return undefined;
  if (dateOf(period.fromMs) !== date || period.toMs - period.fromMs > DAY_MS) return undefined;
  try {
    return { table: decodeURIComponent(table), host: decodeURIComponent(host), ...period };
  } catch {
    return undefined;
  }
}

/** As Hive escapes what a folder may not be called; engines take it back. */
function escaped(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
