/**
 * The ring of rows in shared memory through which a collector's thread hands its results to main. One side
 * writes, the other reads, nobody waits: a reader that fell behind by the whole ring has lost rows and notices.
 *
 *     Int32     rows written since the ring was made
 *     Float64   rows of `rowSlots` slots each: the header below, then the record
 */
export interface RingGeometry {
  /** A power of two. */
  readonly rows: number;
  readonly rowSlots: number;
}

/** Slots of the header of a row. */
export const TICK = 0;
export const EPOCH = 1;
export const STARTED_NS = 2;
export const DURATION_NS = 3;
export const MISSED_TICKS = 4;
/** One of {@link STATES}, by index. */
export const STATE = 5;
/** NaN where there are no rates. */
export const ELAPSED_NS = 6;
/** Which layout the record has; meaningless when there is no record. */
export const LAYOUT_ID = 7;
export const HEADER_SLOTS = 8;

/** `ok` has the collector's data for a record, `failed` its code and message, the others none. */
export const STATES = ['ok', 'failed', 'warming_up', 'disabled'] as const;

const COUNTER_BYTES = 8;

export class ResultRing {
  readonly buffer: SharedArrayBuffer;
  readonly rows: number;
  readonly rowSlots: number;
  readonly slots: Float64Array;
  readonly #written: Int32Array;

  static allocate({ rows, rowSlots }: RingGeometry): SharedArrayBuffer {
    return new SharedArrayBuffer(COUNTER_BYTES + rows * rowSlots * Float64Array.BYTES_PER_ELEMENT);
  }

  constructor(buffer: SharedArrayBuffer, { rows, rowSlots }: RingGeometry) {
    this.buffer = buffer;
    this.rows = rows;
    this.rowSlots = rowSlots;
    this.#written = new Int32Array(buffer, 0, 1);
    this.slots = new Float64Array(buffer, COUNTER_BYTES, rows * rowSlots);
  }

  /** Modulo 2^32. */
  get written(): number {
    return Atomics.load(this.#written, 0) >>> 0;
  }

  /** The first slot of the row with this number. */
  start(row: number): number {
    return (row & (this.rows - 1)) * this.rowSlots;
  }

  /** Lets the reader see the row after the last one. */
  publish(): void {
    Atomics.add(this.#written, 0, 1);
  }
}
