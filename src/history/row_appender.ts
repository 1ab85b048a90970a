import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import bindings, { type Vector } from '@duckdb/node-bindings';
import type { Cell, SqlType } from './schema.ts';

/** Rows a vector of the engine holds. */
const ROWS_PER_CHUNK = 2_048;
const TWO_TO_32 = 2 ** 32;

const TYPES: Readonly<Record<SqlType, DuckDBType>> = {
  TIMESTAMPTZ,
  BIGINT,
  DOUBLE,
  VARCHAR,
  BOOLEAN,
};

/**
 * Appends rows a chunk at a time. The values wait as plain bytes in the engine's own layout, outside of the
 * garbage collector's sight: as objects they would live just long enough to be copied about by it.
 */
export class RowAppender {
  readonly #chunk: DuckDBDataChunk;
  readonly #columns: readonly Column[];
  #appender: DuckDBAppender | undefined;
  #column = 0;
  #row = 0;

  constructor(types: readonly SqlType[]) {
    this.#chunk = DuckDBDataChunk.create(types.map((type) => TYPES[type]));
    this.#columns = types.map((type) => new COLUMNS[type]());
  }

  /** Rows go to this table from now on. */
  open(appender: DuckDBAppender): void {
    this.#appender = appender;
    this.#row = 0;
  }

  /** The next cell of the row: Unix microseconds where the column is of time. */
  cell(value: Cell): void {
    const column = this.#columns[this.#column++]!;
    if (value === null || value === undefined) column.setNull(this.#row);
    else column.set(this.#row, value);
  }

  endRow(): void {
    this.#column = 0;
    if (++this.#row === ROWS_PER_CHUNK) this.#flush();
  }

  close(): void {
    if (this.#row > 0) this.#flush();
    this.#appender?.closeSync();
    this.#appender = undefined;
  }

  #flush(): void {
    const { chunk } = this.#chunk;
    this.#chunk.reset();
    for (const [index, column] of this.#columns.entries()) {
      column.flush(bindings.data_chunk_get_vector(chunk, index), this.#row);
    }
    this.#chunk.rowCount = this.#row;
    this.#appender?.appendDataChunk(this.#chunk);
    this.#row = 0;
  }
}

type Value = NonNullable<Cell>;

/** The cells of one column until there are enough of them. */
abstract class Column {
  /** A bit for each row that has a value. */
  readonly #valid = new Uint32Array(ROWS_PER_CHUNK / 32).fill(0xffffffff);
  #nulls = false;

  abstract set(row: number, value: Value): void;
  protected abstract copyTo(vector: Vector, rows: number): void;

  setNull(row: number): void {
    this.#nulls = true;
    this.#valid[row >> 5]! &= ~(1 << (row & 31));
  }

  flush(vector: Vector, rows: number): void {
    this.copyTo(vector, rows);
    if (!this.#nulls) return;
    bindings.vector_ensure_validity_writable(vector);
    bindings.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, this.#valid.byteLength);
    this.#valid.fill(0xffffffff);
    this.#nulls = false;
  }
}

class DoubleColumn extends Column {
  readonly #values = new Float64Array(ROWS_PER_CHUNK);

  set(row: number, value: Value): void {
    this.#values[row] = Number(value);
  }

  protected copyTo(vector: Vector, rows: number): void {
    bindings.copy_data_to_vector(vector, 0, this.#values.buffer, 0, rows * Float64Array.BYTES_PER_ELEMENT);
  }
}

/** Whole numbers in 64 bits, put together of halves: a BigInt for each would be an object for each. */
class IntegerColumn extends Column {
  readonly #halves = new Int32Array(ROWS_PER_CHUNK * 2);

  set(row: number, value: Value): void {
    const number = Number(value);
    const high = Math.floor(number / TWO_TO_32);
    this.#halves[row * 2] = number - high * TWO_TO_32;
    this.#halves[row * 2 + 1] = high;
  }

  protected copyTo(vector: Vector, rows: number): void {
    bindings.copy_data_to_vector(vector, 0, this.#halves.buffer, 0, rows * BigInt64Array.BYTES_PER_ELEMENT);
  }
}

class BooleanColumn extends Column {
  readonly #values = new Uint8Array(ROWS_PER_CHUNK);

  set(row: number, value: Value): void {
    this.#values[row] = Number(value);
  }

  protected copyTo(vector: Vector, rows: number): void {
    bindings.copy_data_to_vector(vector, 0, this.#values.buffer, 0, rows);
  }
}

class TextColumn extends Column {
  readonly #values: string[] = new Array<string>(ROWS_PER_CHUNK).fill('');

  set(row: number, value: Value): void {
    this.#values[row] = String(value);
  }

  override setNull(row: number): void {
    super.setNull(row);
    this.#values[row] = '';
  }

  protected copyTo(vector: Vector, rows: number): void {
    for (let row = 0; row < rows; row++) {
      bindings.vector_assign_string_element(vector, row, this.#values[row]!);
    }
  }
}

const COLUMNS: Readonly<Record<SqlType, new () => Column>> = {
  TIMESTAMPTZ: IntegerColumn,
  BIGINT: IntegerColumn,
  DOUBLE: DoubleColumn,
  VARCHAR: TextColumn,
  BOOLEAN: BooleanColumn,
};
