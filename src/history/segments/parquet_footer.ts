import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { US_PER_MS } from '../../base/units.ts';
import { INTEGER_64, type List, readStruct, type Struct } from './thrift.ts';

/** What the footer of a Parquet file says: how many rows there are, and where in the file their columns are. */

/** At the beginning of a file and at its end, behind the footer and its length (u32 LE). */
export const MAGIC = Buffer.from('PAR1');
const TAIL_BYTES = 8;

// Fields of the footer, by their numbers in Parquet's own description of it.
export const FILE = { schema: 2, rows: 3, rowGroups: 4 } as const;
export const ROW_GROUP = { columns: 1, offset: 5, ordinal: 7 } as const;
export const COLUMN = { offset: 2, metadata: 3, offsetIndex: 4, columnIndex: 6 } as const;
export const COLUMN_METADATA = { dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 } as const;
const COLUMN_PATH = 3;
const COLUMN_STATISTICS = 12;
const STATISTICS = { max: 5, min: 6 } as const;
const INT64_BYTES = 8;

/** How many rows a file has, and from when to when in Unix milliseconds; no times where there are no rows. */
export interface FileFacts {
  readonly rows: number;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/**
 * Facts about a segment without reading its rows.
 *
 * @throws RangeError when it is no Parquet file; the system's errors
 */
export function factsOf(path: string): FileFacts {
  const fd = openSync(path, 'r');
  try {
    const { footer } = readFooter(fd, path);
    let fromMs: number | undefined;
    let toMs: number | undefined;
    for (const group of structsIn(footer, FILE.rowGroups)) {
      for (const column of structsIn(group, ROW_GROUP.columns)) {
        const metadata = column.get(COLUMN.metadata)?.value;
        if (!(metadata instanceof Map) || pathOf(metadata) !== 'timestamp') continue;
        const statistics = metadata.get(COLUMN_STATISTICS)?.value;
        if (!(statistics instanceof Map)) continue;
        const least = millisecondsIn(statistics, STATISTICS.min);
        const most = millisecondsIn(statistics, STATISTICS.max);
        if (least !== undefined) fromMs = Math.min(fromMs ?? least, least);
        if (most !== undefined) toMs = Math.max(toMs ?? most, most);
      }
    }
    return { rows: Number(integerIn(footer, FILE.rows)), fromMs, toMs };
  } finally {
    closeSync(fd);
  }
}

function pathOf(metadata: Struct): string {
  return listIn(metadata, COLUMN_PATH)
    .items.map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString('utf8') : ''))
    .join('.');
}

/** A time of a column's statistics, which are in microseconds. */
function millisecondsIn(statistics: Struct, id: number): number | undefined {
  const value = statistics.get(id)?.value;
  if (!(value instanceof Uint8Array) || value.length !== INT64_BYTES) return undefined;
  return Math.floor(Number(Buffer.from(value).readBigInt64LE(0)) / US_PER_MS);
}

export function readFooter(file: number, path: string): { footer: Struct; bodyEnd: number } {
  const { size } = fstatSync(file);
  const tail = readFully(file, size - TAIL_BYTES, TAIL_BYTES, path);
  const length = tail.readUInt32LE(0);
  const bodyEnd = size - TAIL_BYTES - length;
  if (!tail.subarray(4).equals(MAGIC) || bodyEnd < MAGIC.length)
    throw new RangeError(`${path} is no Parquet file`);
  return { footer: readStruct(readFully(file, bodyEnd, length, path)), bodyEnd };
}

export function integerIn(struct: Struct, id: number): bigint {
  const field = struct.get(id);
  if (field?.type !== INTEGER_64 || typeof field.value !== 'bigint')
    throw new RangeError(`field ${id} of a footer is no number`);
  return field.value;
}

export function listIn(struct: Struct, id: number): List {
  const value = struct.get(id)?.value;
  if (typeof value !== 'object' || !('items' in value))
    throw new RangeError(`field ${id} of a footer is no list`);
  return value;
}

export function structsIn(struct: Struct, id: number): Struct[] {
  return listIn(struct, id).items.filter((item) => item instanceof Map);
}

function readFully(file: number, position: number, length: number, path: string): Buffer {
  const bytes = Buffer.alloc(length);
  if (position < 0 || readSync(file, bytes, 0, length, position) < length)
    throw new RangeError(`${path} is no Parquet file`);
  return bytes;
}
