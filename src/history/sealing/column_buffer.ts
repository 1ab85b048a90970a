import type { Vector } from '@duckdb/node-bindings';
import { TEXT_SLOTS } from '../../records/layout.ts';
import { textAt } from '../../records/unpack.ts';
import { bindings } from '../engine/duckdb.ts';
import type { SnapshotRows } from '../rows/snapshot_rows.ts';
import { type Cell, columnTypes, type SqlType, type Table } from '../tables/schema.ts';

/** Rows a vector of the engine holds. */
export const ROWS_PER_CHUNK = 2_048;

const TWO_TO_32 = 2 ** 32;

/** Which cells of a column are filled, and from which snapshots. */
export interface Cells {
  /** The first snapshot, and how many. */
  readonly first: number;
  readonly count: number;
  /** The row of the first, and from one to the next. */
  readonly row: number;
  readonly step: number;
}

/** The cells of one column until there are enough of them for the engine. */
export abstract class ColumnBuffer {
  /** A bit for each row that has a value. */
  readonly #valid = new Uint32Array(ROWS_PER_CHUNK / 32).fill(0xffffffff);
  #nulls = false;

  /** The numbers in one slot of each snapshot; what is not finite becomes NULL. */
  abstract numbers(source: SnapshotRows, slot: number, cells: Cells): void;
  /** The same value everywhere. */
  abstract constant(value: Cell, cells: Cells): void;
  protected abstract copyTo(vector: Vector, rows: number): void;

  /** The texts that begin in one slot of each snapshot, which only a column of texts has a place for. */
  texts(_source: SnapshotRows, _slot: number, cells: Cells): void {
    this.nulls(cells);
  }

  flush(vector: Vector, rows: number): void {
    this.copyTo(vector, rows);
    if (this.#nulls) {
      bindings.vector_ensure_validity_writable(vector);
      bindings.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, this.#valid.byteLength);
    }
    this.reset();
  }

  /** Forgets what is filled in. */
  reset(): void {
    if (this.#nulls) this.#valid.fill(0xffffffff);
    this.#nulls = false;
  }

  protected setNull(row: number): void {
    this.#nulls = true;
    this.#valid[row >> 5]! &= ~(1 << (row & 31));
  }

  protected nulls({ count, row, step }: Cells): void {
    for (let i = 0; i < count; i++) this.setNull(row + i * step);
  }
}

/** Powers of ten, which cost more to compute than all the rest of a cell. */
const SCALES = [1, 10, 100, 1_000];

/** Adding zero makes plain zero of its negative. */
function rounded(value: number, scale: number): number {
  return scale === 0 ? value + 0 : Math.round(value * scale) / scale + 0;
}

class DoubleColumn extends ColumnBuffer {
  readonly #values = new Float64Array(ROWS_PER_CHUNK);
  /** Zero for numbers that are not rounded. */
  readonly #scale: number;

  /** @param decimals that mean something; undefined keeps all */
  constructor(decimals: number | undefined) {
    super();
    this.#scale = decimals === undefined ? 0 : (SCALES[decimals] ?? 10 ** decimals);
  }

  numbers({ rows, stride }: SnapshotRows, slot: number, { first, count, row, step }: Cells): void {
    const values = this.#values;
    const scale = this.#scale;
    for (let i = 0, at = first * stride + slot, to = row; i < count; i++, at += stride, to += step) {
      const value = rows[at]!;
      if (!Number.isFinite(value)) this.setNull(to);
      else values[to] = rounded(value, scale);
    }
  }

  constant(value: Cell, cells: Cells): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      this.nulls(cells);
      return;
    }
    const same = rounded(value, this.#scale);
    for (let i = 0; i < cells.count; i++) this.#values[cells.row + i * cells.step] = same;
  }

  protected copyTo(vector: Vector, rows: number): void {
    bindings.copy_data_to_vector(vector, 0, this.#values.buffer, 0, rows * Float64Array.BYTES_PER_ELEMENT);
  }
}

/** Added to a whole number below, this makes a double whose lower bits are that number. */
const INTO_MANTISSA = 2 ** 52 + 2 ** 51;
const MOST_IN_MANTISSA = 2 ** 51;
/** What else is in the upper half of such a double. */
const UPPER_HALF = 0x4338_0000;

/** Whole numbers in 64 bits. A BigInt for each would be an object for each; this is one addition. */
class IntegerColumn extends ColumnBuffer {
  readonly #values = new Float64Array(ROWS_PER_CHUNK);
  readonly #halves = new Int32Array(this.#values.buffer);

  numbers({ rows, stride }: SnapshotRows, slot: number, { first, count, row, step }: Cells): void {
    for (let i = 0, at = first * stride + slot, to = row; i < count; i++, at += stride, to += step) {
      this.#set(to, rows[at]!);
    }
  }

  constant(value: Cell, cells: Cells): void {
    const number = typeof value === 'number' ? value : Number.NaN;
    for (let i = 0; i < cells.count; i++) this.#set(cells.row + i * cells.step, number);
  }

  /** What is not finite becomes NULL. */
  #set(row: number, value: number): void {
    if (value < MOST_IN_MANTISSA && value > -MOST_IN_MANTISSA) this.#values[row] = value + INTO_MANTISSA;
    else this.#setUnusual(row, value);
  }

  #setUnusual(row: number, value: number): void {
    if (!Number.isFinite(value)) {
      this.setNull(row);
      return;
    }
    const whole = Math.round(value);
    const high = Math.floor(whole / TWO_TO_32);
    this.#halves[row * 2] = whole - high * TWO_TO_32;
    this.#halves[row * 2 + 1] = high + UPPER_HALF;
  }

  protected copyTo(vector: Vector, rows: number): void {
    for (let upper = 1; upper < rows * 2; upper += 2) this.#halves[upper]! -= UPPER_HALF;
    bindings.copy_data_to_vector(vector, 0, this.#values.buffer, 0, rows * Float64Array.BYTES_PER_ELEMENT);
  }
}

/** What the engine keeps of a text in a vector: its length, then the text itself or its beginning and its address. */
const TEXT_BYTES = 16;
const WORDS_PER_TEXT = TEXT_BYTES / Uint32Array.BYTES_PER_ELEMENT;
const MOST_INLINE_BYTES = 12;

/** Few texts in many rows, as numbers that stand for them. */
class TextColumn extends ColumnBuffer {
  readonly #codes = new Uint16Array(ROWS_PER_CHUNK);
  readonly #words = new Uint32Array(ROWS_PER_CHUNK * WORDS_PER_TEXT);
  readonly #texts: string[] = [];
  readonly #codeOf = new Map<string, number>();
  /** A row each of the texts stands in. */
  readonly #rowOf: number[] = [];
  readonly #encoder = new TextEncoder();

  numbers({ rows, stride }: SnapshotRows, slot: number, { first, count, row, step }: Cells): void {
    for (let i = 0, at = first * stride + slot, to = row; i < count; i++, at += stride, to += step) {
      const value = rows[at]!;
      if (Number.isNaN(value)) this.setNull(to);
      this.#codes[to] = this.#code(Number.isNaN(value) ? '' : String(value), to);
    }
  }

  override texts({ rows, stride }: SnapshotRows, slot: number, { first, count, row, step }: Cells): void {
    let before = -1;
    let code = 0;
    for (let i = 0, at = first * stride + slot, to = row; i < count; i++, at += stride, to += step) {
      // Seldom another one than in the snapshot before.
      if (before < 0 || !areSame(rows, before, at)) code = this.#code(textAt(rows, at), to);
      before = at;
      this.#codes[to] = code;
    }
  }

  constant(value: Cell, cells: Cells): void {
    const { count, row, step } = cells;
    if (value === null || value === undefined) this.nulls(cells);
    const code = this.#code(String(value ?? ''), row);
    for (let i = 0; i < count; i++) this.#codes[row + i * step] = code;
  }

  #code(text: string, row: number): number {
    const known = this.#codeOf.get(text);
    if (known !== undefined) return known;
    this.#codeOf.set(text, this.#texts.length);
    this.#rowOf.push(row);
    return this.#texts.push(text) - 1;
  }

  protected copyTo(vector: Vector, rows: number): void {
    const entries = this.#texts.map((text, code) => this.#entry(vector, text, this.#rowOf[code]!));
    const words = this.#words;
    for (let row = 0, to = 0; row < rows; row++, to += WORDS_PER_TEXT) {
      const entry = entries[this.#codes[row]!]!;
      for (let word = 0; word < WORDS_PER_TEXT; word++) words[to + word] = entry[word]!;
    }
    bindings.copy_data_to_vector(vector, 0, words.buffer, 0, rows * TEXT_BYTES);
  }

  override reset(): void {
    super.reset();
    this.#texts.length = 0;
    this.#rowOf.length = 0;
    this.#codeOf.clear();
  }

  /** The engine is handed each text once; every row that has it then says the same. */
  #entry(vector: Vector, text: string, row: number): Uint32Array {
    const entry = new Uint32Array(WORDS_PER_TEXT);
    const bytes = this.#encoder.encode(text);
    if (bytes.length <= MOST_INLINE_BYTES) {
      entry[0] = bytes.length;
      new Uint8Array(entry.buffer).set(bytes, Uint32Array.BYTES_PER_ELEMENT);
      return entry;
    }
    bindings.vector_assign_string_element(vector, row, text);
    const assigned = bindings.vector_get_data(vector, (row + 1) * TEXT_BYTES);
    new Uint8Array(entry.buffer).set(assigned.subarray(row * TEXT_BYTES));
    return entry;
  }
}

function areSame(rows: Float64Array, a: number, b: number): boolean {
  for (let slot = 0; slot < TEXT_SLOTS; slot++) if (rows[a + slot] !== rows[b + slot]) return false;
  return true;
}

/** The columns of whichever table is filled: those of all tables at a time would be megabytes. */
export class ColumnBuffers {
  readonly #kept = new Map<string, ColumnBuffer[]>();

  /** A buffer for each column of a table. */
  of(table: Table): ColumnBuffer[] {
    const taken = new Map<string, number>();
    return columnTypes(table).map(({ type, decimals }) => {
      const kind = `${type} ${decimals}`;
      const kept = this.#kept.get(kind) ?? [];
      this.#kept.set(kind, kept);
      const index = taken.get(kind) ?? 0;
      taken.set(kind, index + 1);
      kept[index] ??= bufferFor(type, decimals);
      return kept[index];
    });
  }
}

function bufferFor(type: SqlType, decimals: number | undefined): ColumnBuffer {
  if (type === 'VARCHAR') return new TextColumn();
  if (type === 'DOUBLE') return new DoubleColumn(decimals);
  return new IntegerColumn();
}
