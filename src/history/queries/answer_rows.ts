import type { DuckDBValue } from '@duckdb/node-api';
import type { Engine } from '../engine/engine.ts';
import { withoutEnd } from './statement_end.ts';

/** A column of the last row only, by a name no question gives its own. */
const END_COLUMN = '\u0001end';

/** The answer to a question, a chunk of rows at a time. */
export class AnswerRows {
  /** As the question calls them, which may be the same twice. */
  readonly names: readonly string[];
  /** The same, told apart. */
  readonly keys: readonly string[];
  readonly types: readonly string[];
  readonly #chunks: AsyncIterable<DuckDBValue[][]>;

  /** @throws Error with what the engine says of the question */
  static async of(engine: Engine, sql: string): Promise<AnswerRows> {
    const prepared = await engine.connection.prepare(sql);
    const names = Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
    prepared.destroySync();
    // The binding ends an answer that fails in the middle as it ends one that is whole. So that they can be told
    // apart, a row of ours comes last.
    const result = await engine.connection.stream(
      `SELECT * FROM (\n${withoutEnd(sql)}\n) UNION ALL BY NAME SELECT true AS "${END_COLUMN}"`,
    );
    const width = names.length;
    async function* chunks(): AsyncGenerator<DuckDBValue[][], void, undefined> {
      let isWhole = false;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        const rows = chunk.getRows();
        isWhole = rows.at(-1)?.[width] === true;
        if (isWhole) rows.pop();
        for (const row of rows) row.length = width;
        yield rows;
      }
      if (!isWhole) throw new Error('the engine failed in the middle of the answer');
    }
    const types = result.columnTypes().map(String).slice(0, width);
    return new AnswerRows(names, result.columnNames().slice(0, width), types, chunks());
  }

  private constructor(
    names: readonly string[],
    keys: readonly string[],
    types: readonly string[],
    chunks: AsyncIterable<DuckDBValue[][]>,
  ) {
    this.names = names;
    this.keys = keys;
    this.types = types;
    this.#chunks = chunks;
  }

  /** @throws Error when the engine fails in the middle */
  [Symbol.asyncIterator](): AsyncIterator<DuckDBValue[][]> {
    return this.#chunks[Symbol.asyncIterator]();
  }
}
