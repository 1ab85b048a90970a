import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampTZValue,
} from '@duckdb/node-api';
import type { Cell, ColumnKind } from './schema.ts';

/** Never look outside: no extensions are fetched or loaded, nothing is spilled. */
const ENCLOSED = {
  threads: '1',
  autoload_known_extensions: 'false',
  autoinstall_known_extensions: 'false',
};

/** An in-memory database. Nothing here opens a database file, so nothing is ever locked or in need of repair. */
export class Engine {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;

  static async open(memoryLimit: string): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', { ...ENCLOSED, memory_limit: memoryLimit });
    const engine = new Engine(instance, await instance.connect());
    await engine.run("SET TimeZone = 'UTC'");
    return engine;
  }

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** The first value of the first row. */
  async value(sql: string): Promise<unknown> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowsJS()[0]?.[0];
  }

  async appender(table: string): Promise<RowAppender> {
    return new RowAppender(await this.connection.createAppender(table));
  }

  /** Connections go first: an instance does not close while one is open. */
  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

/** Appends rows cell by cell, which is the cheapest way into DuckDB for fewer than some thousand rows. */
export class RowAppender {
  readonly #appender: DuckDBAppender;

  constructor(appender: DuckDBAppender) {
    this.#appender = appender;
  }

  timestamp(unixUs: number): void {
    this.#appender.appendTimestampTZ(new DuckDBTimestampTZValue(BigInt(unixUs)));
  }

  cell(kind: ColumnKind, value: Cell): void {
    if (value === null || value === undefined) this.#appender.appendNull();
    else if (typeof value === 'string') this.#appender.appendVarchar(value);
    else if (typeof value === 'boolean') this.#appender.appendBoolean(value);
    else if (kind === 'gauge') this.#appender.appendDouble(value);
    else this.#appender.appendBigInt(BigInt(value));
  }

  endRow(): void {
    this.#appender.endRow();
  }

  close(): void {
    this.#appender.closeSync();
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
