import { resolve } from 'node:path';
import { definitions, literal, quoted, type Table } from '../tables/schema.ts';
import type { Segment } from './manifest.ts';

/** SQL that reads the rows of these segments, oldest first, whatever columns each of them has. */
export function segmentScan(dataDir: string, segments: readonly Segment[]): string {
  const paths = [...segments]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ file }) => literal(resolve(dataDir, file)));
  return `read_parquet([${paths.join(', ')}], union_by_name = true)`;
}

/**
 * SQL that selects the rows of a table. A selection without rows lends its columns to segments that were written
 * before a column was added.
 */
export function tableScan(dataDir: string, segments: readonly Segment[], table: Table): string {
  const columns = definitions(table);
  const none = columns.map(([name, type]) => `NULL::${type} AS ${quoted(name)}`).join(', ');
  const empty = `SELECT ${none} WHERE false`;
  if (segments.length === 0) return empty;
  const names = columns.map(([name]) => quoted(name)).join(', ');
  return `SELECT ${names} FROM (${empty} UNION ALL BY NAME FROM ${segmentScan(dataDir, segments)})`;
}
