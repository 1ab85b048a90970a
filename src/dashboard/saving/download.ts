import { postExport } from '../../client/query.ts';
import { query } from '../data/server.ts';
import { element } from '../view/element.ts';
import type { Range } from '../view/view_state.ts';
import { countSql, exportSql, type Suffix } from './export_sql.ts';

export type DataFormat = 'csv' | 'parquet';

const TYPES: Readonly<Record<DataFormat, string>> = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};
const SUFFIXES: readonly Suffix[] = ['', '_1s', '_1m'];

/** Hands a file to the browser, which asks where to put it or puts it where it puts all. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Saves what was recorded of some series in a stretch of time, sample by sample, or by the second or minute where
 * samples are no longer kept.
 *
 * @throws HzstatError with the server's own words, and NOT_FOUND where nothing was recorded
 */
export async function saveData(
  name: string,
  keys: Iterable<string>,
  range: Range,
  format: DataFormat,
): Promise<void> {
  const suffix = await finest(range);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const sql = exportSql(keys, range, suffix);
  for await (const piece of postExport(new URL(location.origin), sql, TYPES[format], {})) {
    pieces.push(new Uint8Array(piece));
  }
  saveFile(`${name}.${format}`, new Blob(pieces, { type: TYPES[format] }));
}

async function finest(range: Range): Promise<Suffix> {
  for (const suffix of SUFFIXES) {
    const { rows } = await query(countSql(range, suffix));
    if (Number(rows[0]?.[0]) > 0) return suffix;
  }
  throw new Error('nothing was recorded in this stretch of time');
}
