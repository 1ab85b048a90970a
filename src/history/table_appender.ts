import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { type Cells, type ColumnBuffer, DoubleColumn, IntegerColumn, TextColumn } from './column_buffer.ts';
import { type Cell, columnTypes, type SqlType, type Table } from './schema.ts';
import { Slot } from './slot.ts';
import type { SnapshotRows } from './snapshot_rows.ts';

/** Rows a vector of the engine holds. */
export const ROWS_PER_CHUNK = 2_048;

const TYPES: Readonly<Record<SqlType, DuckDBType>> = { TIMESTAMPTZ, BIGINT, DOUBLE, VARCHAR };

/**
 * Appends rows to a table of the engine a chunk at a time. The values wait as plain bytes in the engine's own
 * layout, outside of the garbage collector's sight: as objects they would live just long enough to be copied
 * about by it.
 */
export class TableAppender {
  /** The most rows there can be room for at once. */
  readonly mostRows = ROWS_PER_CHUNK;
  readonly #chunk: DuckDBDataChunk;
  readonly #columns: readonly ColumnBuffer[];
  #appender: DuckDBAppender | undefined;
  #rows = 0;

  constructor(table: Table) {
    const types = columnTypes(table);
    this.#chunk = DuckDBDataChunk.create(types.map(({ type }) => TYPES[type]));
    this.#columns = types.map(({ type, decimals }) => {
      if (type === 'VARCHAR') return new TextColumn(ROWS_PER_CHUNK);
      if (type === 'DOUBLE') return new DoubleColumn(ROWS_PER_CHUNK, decimals);
      return new IntegerColumn(ROWS_PER_CHUNK);
    });
  }

  /** Rows go to this table of the engine from now on. */
  open(appender: DuckDBAppender): void {
    this.#appender = appender;
    this.#rows = 0;
  }

  /** Makes room for rows that are filled in next, one behind another; returns the first. */
  reserve(rows: number): number {
    if (this.#rows + rows > ROWS_PER_CHUNK) this.#flush();
    this.#rows += rows;
    return this.#rows - rows;
  }

  /** Fills in one row for each of some snapshots. */
  append(values: readonly (Slot | Cell)[], source: SnapshotRows, cells: Cells): void {
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i]!;
      const value = values[i];
      if (!(value instanceof Slot)) column.constant(value, cells);
      else if (value.kind === 'number') column.numbers(source, value.index, cells);
      else if (value.kind === 'text') column.texts(source, value.index, cells);
      else column.constant(null, cells);
    }
  }

  close(): void {
    if (this.#rows > 0) this.#flush();
    this.#appender?.closeSync();
    this.#appender = undefined;
  }

  #flush(): void {
    const { chunk } = this.#chunk;
    this.#chunk.reset();
    for (const [index, column] of this.#columns.entries()) {
      column.flush(bindings.data_chunk_get_vector(chunk, index), this.#rows);
    }
    this.#chunk.rowCount = this.#rows;
    this.#appender?.appendDataChunk(this.#chunk);
    this.#rows = 0;
  }
}
