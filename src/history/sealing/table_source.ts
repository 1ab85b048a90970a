import type { DuckDBDataChunk, DuckDBTableFunction, DuckDBType } from '@duckdb/node-api';
import { errorMessage } from '../../base/errors.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { Slot } from '../../records/slot.ts';
import { bindings, duckdb } from '../engine/duckdb.ts';
import type { SnapshotRows } from '../rows/snapshot_rows.ts';
import { definitions, type SqlType, type Table } from '../tables/schema.ts';
import { planFor, type RowPlan, type TablePlan } from '../tables/table_plan.ts';
import { type Cells, type ColumnBuffer, type ColumnBuffers, ROWS_PER_CHUNK } from './column_buffer.ts';

const { BIGINT, DOUBLE, TIMESTAMPTZ, VARCHAR } = duckdb;
const TYPES: Readonly<Record<SqlType, DuckDBType>> = { TIMESTAMPTZ, BIGINT, DOUBLE, VARCHAR };

/** Snapshots whose values are looked at column by column: as many as stay in the processor's cache meanwhile. */
const MOST_AT_ONCE = 64;

/**
 * The rows of one table as a function of the engine: it asks for a chunk of them whenever it has written the one
 * before. A table in the engine's memory in between would be filled, counted, scanned and dropped, which costs more
 * than all the rest.
 */
export class TableSource {
  readonly table: Table;
  /** How many rows were given away since `begin`. */
  rows = 0;
  readonly #columns: readonly ColumnBuffer[];
  readonly #plan: (layout: RecordLayout) => TablePlan;
  #chunks: Iterator<number> = [][Symbol.iterator]();

  /** @param buffers may be those of other tables, too, as long as only one is read at a time */
  constructor(
    table: Table,
    buffers: ColumnBuffers,
    plan = (layout: RecordLayout): TablePlan => planFor(layout, table),
  ) {
    this.table = table;
    this.#columns = buffers.of(table);
    this.#plan = plan;
  }

  /** Under which SQL can call it. */
  get name(): string {
    return `rows_of_${this.table.name}`;
  }

  /** What the engine has to be given once. */
  asFunction(): DuckDBTableFunction {
    return duckdb.DuckDBTableFunction.create({
      name: this.name,
      bindFunction: (bind) => {
        for (const [column, type] of definitions(this.table)) bind.addResultColumn(column, TYPES[type]);
      },
      initFunction: () => {},
      mainFunction: (info, chunk) => {
        try {
          this.#next(chunk);
        } catch (error) {
          info.setError(errorMessage(error));
        }
      },
    });
  }

  /** Whether these snapshots may have any rows for the table. */
  isIn(snapshots: readonly SnapshotRows[]): boolean {
    return snapshots.some(({ layout }) => {
      const { rows, numbers } = this.#plan(layout);
      return rows.length + numbers.length > 0;
    });
  }

  /** These are the snapshots whose rows are asked for next. */
  begin(snapshots: readonly SnapshotRows[]): void {
    this.rows = 0;
    this.#chunks = this.#fill(snapshots);
  }

  /** A chunk without rows says that there are no more. */
  #next(chunk: DuckDBDataChunk): void {
    const { done, value } = this.#chunks.next();
    const rows = done ? 0 : value;
    chunk.rowCount = rows;
    if (rows === 0) return;
    for (const [index, column] of this.#columns.entries()) {
      column.flush(bindings.data_chunk_get_vector(chunk.chunk, index), rows);
    }
    this.rows += rows;
  }

  /** Fills the columns; yields the number of rows whenever there is no room for more. */
  *#fill(snapshots: readonly SnapshotRows[]): Generator<number> {
    // Should the table before not have been read to its end.
    for (const column of this.#columns) column.reset();
    let used = 0;
    for (const source of snapshots) {
      const { rows, numbers } = this.#plan(source.layout);
      for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
        const some = rows.slice(from, from + ROWS_PER_CHUNK);
        // Column by column, and yet with the rows of one snapshot side by side: their times compress best like this.
        for (let first = 0; first < source.count; ) {
          const room = Math.floor((ROWS_PER_CHUNK - used) / some.length);
          if (room === 0) {
            yield used;
            used = 0;
            continue;
          }
          const count = Math.min(room, source.count - first, MOST_AT_ONCE);
          for (const [index, row] of some.entries()) {
            this.#append(row, source, { first, count, row: used + index, step: some.length });
          }
          used += count * some.length;
          first += count;
        }
      }
      for (const [slot, row] of numbers) {
        for (let first = 0; first < source.count; first++) {
          if (Number.isNaN(source.rows[first * source.stride + slot])) continue;
          if (used === ROWS_PER_CHUNK) {
            yield used;
            used = 0;
          }
          this.#append(row, source, { first, count: 1, row: used++, step: 1 });
        }
      }
    }
    if (used > 0) yield used;
  }

  /** Fills in one row for each of some snapshots. */
  #append(values: RowPlan, source: SnapshotRows, cells: Cells): void {
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i]!;
      const value = values[i];
      if (!(value instanceof Slot)) column.constant(value, cells);
      else if (value.kind === 'number' || value.kind === 'flag') column.numbers(source, value.index, cells);
      else if (value.kind === 'text') column.texts(source, value.index, cells);
      else column.constant(null, cells);
    }
  }
}
