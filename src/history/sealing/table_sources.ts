import { Engine } from '../engine/engine.ts';
import { spillDir } from '../segments/files.ts';
import { TABLES } from '../tables/schema.ts';
import { ColumnBuffers } from './column_buffer.ts';
import { TableSource } from './table_source.ts';

const MEMORY_LIMIT = '64MB';

/** A database engine that can read the rows of every table. */
export class TableSources {
  readonly engine: Engine;
  readonly tables: readonly TableSource[];

  static async open(dataDir: string): Promise<TableSources> {
    const engine = await Engine.open(MEMORY_LIMIT, spillDir(dataDir));
    // Looking for a better plan takes as long as a minute's rows do, and there is only one.
    await engine.run('PRAGMA disable_optimizer');
    return new TableSources(engine);
  }

  private constructor(engine: Engine) {
    const buffers = new ColumnBuffers();
    this.engine = engine;
    this.tables = TABLES.map((table) => new TableSource(table, buffers));
    for (const source of this.tables) engine.provide(source.asFunction());
  }

  close(): void {
    this.engine.close();
  }
}
