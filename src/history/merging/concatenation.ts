import { closeSync, openSync, readSync } from 'node:fs';
import { writeFully } from '../segments/files.ts';
import {
  COLUMN,
  COLUMN_METADATA,
  FILE,
  integerIn,
  listIn,
  MAGIC,
  ROW_GROUP,
  readFooter,
  structsIn,
} from '../segments/parquet_footer.ts';
import { type Struct, type Value, writeStruct } from '../segments/thrift.ts';

/**
 * Parquet files put together to one, row groups as they are: a file is its row groups, one behind another, and a
 * footer that says where in the file each column of each of them is. Reading and writing every value again, which is
 * how an engine does it, takes twenty times as long.
 */

const COPIED_BYTES = 1024 * 1024;

/**
 * Writes the rows of some Parquet files, in that order, to another.
 *
 * @throws RangeError when one is no Parquet file, or has other columns than the first
 */
export function concatenate(inputs: readonly string[], output: string): void {
  const to = openSync(output, 'w', 0o640);
  try {
    writeFully(to, MAGIC, 0);
    let at = MAGIC.length;
    let footer: Struct | undefined;
    const rowGroups: Struct[] = [];
    let rows = 0n;
    for (const input of inputs) {
      const from = openSync(input, 'r');
      try {
        const { bodyEnd, ...file } = readFooter(from, input);
        footer ??= file.footer;
        if (!haveSameColumns(footer, file.footer))
          throw new RangeError(`${input} has other columns than ${inputs[0]}`);
        const shift = BigInt(at - MAGIC.length);
        for (const group of structsIn(file.footer, FILE.rowGroups)) rowGroups.push(shifted(group, shift));
        rows += integerIn(file.footer, FILE.rows);
        copy(from, MAGIC.length, bodyEnd, to, at);
        at += bodyEnd - MAGIC.length;
      } finally {
        closeSync(from);
      }
    }
    if (footer === undefined) throw new RangeError('there is nothing to put together');
    const whole = writeStruct(
      replaced(footer, {
        [FILE.rows]: rows,
        [FILE.rowGroups]: { of: listIn(footer, FILE.rowGroups).of, items: rowGroups },
      }),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32LE(whole.length);
    writeFully(to, Buffer.concat([whole, length, MAGIC]), at);
  } finally {
    closeSync(to);
  }
}

/** Everything in a row group that says where in the file something is. */
function shifted(group: Struct, by: bigint): Struct {
  const shift = (struct: Struct, ids: readonly number[]): Struct =>
    replaced(
      struct,
      Object.fromEntries(ids.filter((id) => struct.has(id)).map((id) => [id, integerIn(struct, id) + by])),
    );
  const columns = structsIn(group, ROW_GROUP.columns).map((column) => {
    const metadata = column.get(COLUMN.metadata)?.value;
    if (!(metadata instanceof Map)) throw new RangeError('a column is in another file');
    const moved = shift(column, [COLUMN.offset, COLUMN.offsetIndex, COLUMN.columnIndex]);
    return replaced(moved, { [COLUMN.metadata]: shift(metadata, Object.values(COLUMN_METADATA)) });
  });
  const moved = shift(group, [ROW_GROUP.offset]);
  // Where it stands is what it stands for; the number need not be there, and has 16 bits only.
  moved.delete(ROW_GROUP.ordinal);
  return replaced(moved, {
    [ROW_GROUP.columns]: { of: listIn(group, ROW_GROUP.columns).of, items: columns },
  });
}

/** A copy with other values in some of the fields it has. */
function replaced(struct: Struct, values: Readonly<Record<number, Value>>): Struct {
  return new Map([...struct].map(([id, { type, value }]) => [id, { type, value: values[id] ?? value }]));
}

function haveSameColumns(a: Struct, b: Struct): boolean {
  const schema = (footer: Struct): Uint8Array =>
    writeStruct(new Map([...footer].filter(([id]) => id === FILE.schema)));
  return Buffer.compare(schema(a), schema(b)) === 0;
}

/** Copies bytes of one file to a place in another. */
function copy(from: number, start: number, end: number, to: number, place: number): void {
  const chunk = Buffer.allocUnsafe(COPIED_BYTES);
  for (let at = start; at < end; ) {
    const count = readSync(from, chunk, 0, Math.min(chunk.length, end - at), at);
    if (count === 0) throw new RangeError('a file has become shorter while it was read');
    writeFully(to, chunk.subarray(0, count), place + at - start);
    at += count;
  }
}
