import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { Cell, ColumnKind, SqlType } from './schema.ts';

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
  readonly #chunks = new Map<string, DuckDBDataChunk>();

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

  async appender(table: string, types: readonly SqlType[]): Promise<RowAppender> {
    return new RowAppender(await this.connection.createAppender(table), this.#chunkOf(types), types.length);
  }

  /** A chunk is freed only when the garbage collector comes to it, so one for each kind of row is kept for ever. */
  #chunkOf(types: readonly SqlType[]): DuckDBDataChunk {
    const key = types.join();
    const kept = this.#chunks.get(key);
    if (kept !== undefined) return kept;
    const chunk = DuckDBDataChunk.create(types.map((type) => TYPES[type]));
    this.#chunks.set(key, chunk);
    return chunk;
  }

  /** Connections go first: an instance does not close while one is open. */
  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

const TYPES: Readonly<Record<SqlType, DuckDBType>> = {
  TIMESTAMPTZ,
  BIGINT,
  DOUBLE,
  VARCHAR,
  BOOLEAN,
};

/** Rows a vector of the engine holds. */
const ROWS_PER_CHUNK = 2_048;

/** Appends rows a chunk at a time, column by column, which costs a third of appending cell by cell. */
export class RowAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #columns: DuckDBValue[][];
  #column = 0;
  #rows = 0;

  constructor(appender: DuckDBAppender, chunk: DuckDBDataChunk, columns: number) {
    this.#appender = appender;
    this.#chunk = chunk;
    this.#columns = Array.from({ length: columns }, () => []);
  }

  timestamp(unixUs: number): void {
    this.#put(new DuckDBTimestampTZValue(BigInt(unixUs)));
  }

  cell(kind: ColumnKind, value: Cell): void {
    if (value === null || value === undefined) this.#put(null);
    else if (typeof value === 'number' && kind !== 'gauge') this.#put(BigInt(value));
    else this.#put(value);
  }

  endRow(): void {
    this.#column = 0;
    if (++this.#rows === ROWS_PER_CHUNK) this.#flush();
  }

  close(): void {
    if (this.#rows > 0) this.#flush();
    this.#appender.closeSync();
  }

  #put(value: DuckDBValue): void {
    this.#columns[this.#column++]!.push(value);
  }

  #flush(): void {
    // The wrapper remembers how many rows its vectors had; the chunk below it does not.
    const chunk = new DuckDBDataChunk(this.#chunk.chunk);
    chunk.reset();
    chunk.setColumns(this.#columns);
    this.#appender.appendDataChunk(chunk);
    for (const column of this.#columns) column.length = 0;
    this.#rows = 0;
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
