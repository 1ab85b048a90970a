import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

/**
 * /proc/net/dev: one row per network interface of a network namespace.
 *
 *   Inter-|   Receive                                                |  Transmit
 *    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls …
 *       lo: 1250069     161    0    0    0     0          0         0  1250069     161    0    0    0     0 …
 *   eth0:1:1250069      …                  (alias of an old kernel, without a blank before the first number)
 *
 * Sixteen counters, in bytes and packets since the interface appeared; 64 bits wide, 32 with some drivers and on
 * 32-bit kernels. https://docs.kernel.org/networking/statistics.html
 */
export const NET_DEV_COLUMN = {
  receivedBytes: 0,
  receivedPackets: 1,
  receiveErrors: 2,
  receiveDrops: 3,
  sentBytes: 8,
  sentPackets: 9,
  sendErrors: 10,
  sendDrops: 11,
} as const;

const COLUMNS = 16;
const HEADER = Buffer.from('Inter-|');
const NEWLINE = 10;
const COLON = 58;

export interface NetDevRow {
  readonly name: string;
  /** The bytes the row begins with, up to and with the colon: what it is recognised by. */
  readonly prefix: Uint8Array;
  /** By {@link NET_DEV_COLUMN}. */
  readonly counters: Float64Array;
}

/** Reads the table again and again; which row is whose is learned once and only compared afterwards. */
export class NetDevTable {
  /** In the order of the file. */
  readonly rows: NetDevRow[] = [];
  /** Changes whenever `rows` holds other interfaces, or the same ones in another order, than before. */
  generation = 0;
  readonly #cursor = new ByteCursor();
  #path = '';

  /** @throws HzstatError SOURCE_MALFORMED, with some rows already read anew */
  parse(bytes: Uint8Array, length: number, path = '/proc/net/dev'): void {
    this.#path = path;
    requireWholeLines(path, bytes, length);
    const cursor = this.#cursor.over(bytes, length);
    if (!cursor.take(HEADER)) throw malformed(path, 'begins without its header');
    cursor.nextLine();
    cursor.nextLine();
    const { rows } = this;
    let count = 0;
    for (; !cursor.atEnd; count++) {
      const start = cursor.position;
      const row = rows[count];
      if (row === undefined || !cursor.take(row.prefix) || !this.#readCounters(row))
        this.#learn(count, start);
      cursor.nextLine();
    }
    // Every network namespace has a loopback interface.
    if (count === 0) throw malformed(path, 'lists no interface');
    if (count < rows.length) {
      rows.length = count;
      this.generation++;
    }
  }

  /** Whether there are sixteen numbers here; a colon among them means that the name was not over yet. */
  #readCounters(row: NetDevRow): boolean {
    const cursor = this.#cursor;
    if (cursor.columns(row.counters, COLUMNS) < COLUMNS) return false;
    return cursor.bytes[cursor.position]! <= 32;
  }

  #learn(index: number, start: number): void {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    cursor.position = start;
    cursor.nextLine();
    let colon = cursor.position - 1;
    while (colon >= start && bytes[colon] !== COLON) colon--;
    cursor.position = colon + 1;
    const row: NetDevRow = {
      name: cursor.text(start, Math.max(start, colon)).trim(),
      // A copy: slice of a Buffer would be a view of what the next reading overwrites.
      prefix: new Uint8Array(bytes.subarray(start, colon + 1)),
      counters: new Float64Array(COLUMNS),
    };
    if (row.name === '' || !this.#readCounters(row)) {
      throw malformed(this.#path, `has no interface with sixteen counters in ${this.#line(start)}`);
    }
    this.rows[index] = row;
    this.generation++;
  }

  /** The line that begins there, control characters made visible. */
  #line(start: number): string {
    return JSON.stringify(this.#cursor.text(start, this.#cursor.bytes.indexOf(NEWLINE, start)));
  }
}
