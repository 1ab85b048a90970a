import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

/**
 * /proc/diskstats: one row per block device and partition.
 *
 *    254       0 vda 37875 9953 3573602 13352 4690 10899 1895904 4107 0 5720 17873 4552 40 126656 394 258 18
 *      8       1 sda1 35486 38030 38602 5512             (partitions before kernel 2.6.25: four counters)
 *
 * Major and minor number, name, then 11 fields, 15 since 4.18 (discards), 17 since 5.5 (flushes). Sectors are
 * 512 bytes whatever the device's are. Times are milliseconds in an unsigned int, which wraps after 49.7 days;
 * all others are unsigned longs, save requests in flight, which is no counter and may briefly be below zero.
 * https://docs.kernel.org/admin-guide/iostats.html
 */
export const DISKSTATS_COLUMN = {
  reads: 0,
  sectorsRead: 2,
  readMs: 3,
  writes: 4,
  sectorsWritten: 6,
  writeMs: 7,
  inFlight: 8,
  busyMs: 9,
} as const;

const COLUMNS = 11;
const OLD_PARTITION_COLUMNS = 4;
const NEWLINE = 10;
const SPACE = 32;

export interface DiskStatsRow {
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  /** The bytes the row begins with, up to and with the blank after the name: what it is recognised by. */
  readonly prefix: Uint8Array;
  /** By {@link DISKSTATS_COLUMN}. */
  readonly fields: Float64Array;
  /** Set by the caller when it has no use for the row: it is recognised, but its fields are not read any more. */
  ignored: boolean;
}

/** Reads the table again and again; which row is whose is learned once and only compared afterwards. */
export class DiskStatsTable {
  /** In the order of the file. */
  readonly rows: DiskStatsRow[] = [];
  /** Changes whenever `rows` holds other devices, or the same ones in another order, than before. */
  generation = 0;
  readonly #cursor = new ByteCursor();
  #path = '';

  /** @throws HzstatError SOURCE_MALFORMED, with some rows already read anew */
  parse(bytes: Uint8Array, length: number, path = '/proc/diskstats'): void {
    this.#path = path;
    // A host without block devices has an empty table.
    if (length > 0) requireWholeLines(path, bytes, length);
    const cursor = this.#cursor.over(bytes, length);
    const { rows } = this;
    let count = 0;
    for (; !cursor.atEnd; count++) {
      const start = cursor.position;
      const row = rows[count];
      if (row === undefined || !cursor.take(row.prefix)) this.#learn(count, start);
      else if (!row.ignored) this.#readFields(row, start);
      cursor.nextLine();
    }
    if (count < rows.length) {
      rows.length = count;
      this.generation++;
    }
  }

  #readFields({ fields }: DiskStatsRow, start: number): void {
    const cursor = this.#cursor;
    const count = cursor.columns(fields, COLUMNS);
    if (cursor.bytes[cursor.position]! <= SPACE) {
      if (count === COLUMNS) return;
      if (count === OLD_PARTITION_COLUMNS && cursor.atLineEnd()) {
        const [reads = 0, sectorsRead = 0, writes = 0, sectorsWritten = 0] = fields;
        fields.fill(0);
        fields[DISKSTATS_COLUMN.reads] = reads;
        fields[DISKSTATS_COLUMN.sectorsRead] = sectorsRead;
        fields[DISKSTATS_COLUMN.writes] = writes;
        fields[DISKSTATS_COLUMN.sectorsWritten] = sectorsWritten;
        return;
      }
    }
    throw malformed(this.#path, `has neither 4 nor at least 11 numbers in ${this.#line(start)}`);
  }

  #learn(index: number, start: number): void {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    cursor.position = start;
    const numbers = new Float64Array(2);
    const found = cursor.columns(numbers, 2);
    cursor.skipBlanks();
    const nameStart = cursor.position;
    cursor.skipWord();
    const nameEnd = cursor.position;
    if (found < 2 || nameEnd === nameStart || bytes[nameEnd] !== SPACE) {
      throw malformed(this.#path, `has no device number and name in ${this.#line(start)}`);
    }
    const row: DiskStatsRow = {
      name: cursor.text(nameStart, nameEnd),
      major: numbers[0]!,
      minor: numbers[1]!,
      // A copy: slice of a Buffer would be a view of what the next reading overwrites.
      prefix: new Uint8Array(bytes.subarray(start, nameEnd + 1)),
      fields: new Float64Array(COLUMNS),
      ignored: false,
    };
    this.#readFields(row, start);
    this.rows[index] = row;
    this.generation++;
  }

  /** The line that begins there, control characters made visible. */
  #line(start: number): string {
    return JSON.stringify(this.#cursor.text(start, this.#cursor.bytes.indexOf(NEWLINE, start)));
  }
}
