import { resolve } from 'node:path';
import { definitions, literal, quoted, type Table } from '../tables/schema.ts';
import type { Segment } from './manifest.ts';

/**
 * SQL that reads the rows of these segments, oldest first, whatever columns each of them has.
 *
 * @param options more of what `read_parquet` takes
 */
export function segmentScan(dataDir: string, segments: readonly Segment[], options = ''): string {
  const paths = [...segments]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ file }) => literal(resolve(dataDir, file)));
  return `read_parquet([${paths.join(', ')}], union_by_name = true${options})`;
}

/** How the folders of a lake say what is in them: `host=db-7`. */
const OF_FOLDERS = ', hive_partitioning = true, hive_types_autocast = false';

/**
 * SQL that selects the rows of a table. A selection without rows lends its columns to segments that were written
 * before a column was added.
 *
 * @param areInFolders whether segments lie in folders whose names are columns, as in a lake
 */
export function tableScan(
  dataDir: string,
  segments: readonly Segment[],
  table: Table,
  areInFolders = false,
): string {
  const columns = definitions(table);
  const none = columns.map(([name, type]) => `NULL::${type} AS ${quoted(name)}`).join(', ');
  const empty = `SELECT ${none} WHERE false`;
  if (segments.length === 0) return empty;
  const names = columns.map(([name]) => quoted(name)).join(', ');
  const rows = segmentScan(dataDir, segments, areInFolders ? OF_FOLDERS : '');
  return `SELECT ${names} FROM (${empty} UNION ALL BY NAME FROM ${rows})`;
}
