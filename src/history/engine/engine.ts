import type { DuckDBConnection, DuckDBInstance, DuckDBTableFunction } from '@duckdb/node-api';
import { duckdb } from './duckdb.ts';
import { timeFunctions } from './time_functions.ts';

/** Never look outside: no extensions are fetched or loaded. */
const ENCLOSED = {
  threads: '1',
  autoload_known_extensions: 'false',
  autoinstall_known_extensions: 'false',
};

/** An in-memory database. Nothing here opens a database file, so nothing is ever locked or in need of repair. */
export class Engine {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;

  /** @param spillDir where what does not fit into memory goes meanwhile; nowhere by default: it fails then */
  static async open(memoryLimit: string, spillDir = ''): Promise<Engine> {
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      ...ENCLOSED,
      memory_limit: memoryLimit,
      temp_directory: spillDir,
    });
    const engine = new Engine(instance, await instance.connect());
    await engine.run(["SET TimeZone = 'UTC'", ...timeFunctions()].join(';'));
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

  /** Registers a function that SQL can call as a table. */
  provide(source: DuckDBTableFunction): void {
    this.connection.registerTableFunction(source);
  }

  /** Connections go first: an instance does not close while one is open. */
  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}
