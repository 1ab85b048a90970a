import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.ts';
import { makeDirectory, publishFile, spillDir, TEMPORARY_SUFFIX } from './files.ts';
import type { Segment } from './manifest.ts';
import { definitions, literal, quoted, TABLES, type Table } from './schema.ts';
import { type SnapshotRows, UNIX_US } from './snapshot_rows.ts';
import type { TableAppender } from './table_appender.ts';
import { appendRows, plansFor } from './table_plan.ts';

const MEMORY_LIMIT = '64MB';
const US_PER_MS = 1_000;

/**
 * How every segment is written. Bloom filters, which the engine writes unless told not to, take a tenth of the bytes
 * and would help only whoever looks for one exact value. Version 2 of Parquet is smaller for counters and larger
 * for rounded gauges, of which there are more.
 */
export const PARQUET =
  'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880, WRITE_BLOOM_FILTER false';

/** Makes Parquet of snapshots, in a database that is kept for the next time. */
export class Sealer {
  #engine: Engine | undefined;

  /**
   * Writes the snapshots of a journal as one segment per table. They are looked at in one go, when the tables for
   * them are there.
   *
   * @param stem distinguishes the files from those of all other journals
   */
  async seal(dataDir: string, stem: string, snapshots: Iterable<SnapshotRows>): Promise<Segment[]> {
    this.#engine ??= await openEngine(dataDir);
    // One call for all tables: each is a way to another thread and back.
    await this.#engine.run(TABLES.map(creation).join(';'));
    const loads: Load[] = [];
    for (const table of TABLES) loads.push({ table, appender: await this.#engine.appender(table), rows: 0 });
    const span = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
    for (const some of snapshots) {
      const plans = plansFor(some.layout);
      for (const [index, load] of loads.entries()) {
        load.rows += appendRows(load.appender, plans[index]!, some);
      }
      for (let i = 0; i < some.count; i++) {
        const unixMs = Math.floor(some.rows[i * some.stride + UNIX_US]! / US_PER_MS);
        span.fromMs = Math.min(span.fromMs, unixMs);
        span.toMs = Math.max(span.toMs, unixMs);
      }
    }
    for (const { appender } of loads) appender.close();
    const filled = loads.filter(({ rows }) => rows > 0);
    await this.#engine.run(
      [...filled.map((load) => copying(load, dataDir, stem)), ...TABLES.map(dropping)].join(';'),
    );
    return filled.map((load) => ({ ...published(load, dataDir, stem), ...span }));
  }

  /**
   * Gives memory back until the next seal. Not worth it before one that comes in a few seconds: fresh pages would be
   * a quarter of what it costs.
   */
  async rest(): Promise<void> {
    await this.#engine?.giveBackMemory();
  }

  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }
}

/** Loads the engine with its first use: that takes as long as everything else at the start together. */
async function openEngine(dataDir: string): Promise<Engine> {
  const { Engine } = await import('./engine.ts');
  return Engine.open(MEMORY_LIMIT, spillDir(dataDir));
}

/** One table of a journal on its way to Parquet. */
interface Load {
  readonly table: Table;
  readonly appender: TableAppender;
  rows: number;
}

function creation(table: Table): string {
  const columns = definitions(table).map(([name, type]) => `${quoted(name)} ${type}`);
  return `CREATE OR REPLACE TABLE ${quoted(table.name)} (${columns.join(', ')})`;
}

/** In the order of the snapshots, which is that of time; compaction sorts labels within it. */
function copying({ table }: Load, dataDir: string, stem: string): string {
  const path = join(dataDir, fileOf(table, stem));
  makeDirectory(dirname(path));
  return `COPY ${quoted(table.name)} TO ${literal(path + TEMPORARY_SUFFIX)} (${PARQUET})`;
}

function dropping(table: Table): string {
  return `DROP TABLE ${quoted(table.name)}`;
}

/** The rows of a table as a file that is there for good. */
function published({ table, rows }: Load, dataDir: string, stem: string): Omit<Segment, 'fromMs' | 'toMs'> {
  const file = fileOf(table, stem);
  const path = join(dataDir, file);
  publishFile(path + TEMPORARY_SUFFIX, path);
  return { table: table.name, file, level: 'minute', rows, bytes: statSync(path).size };
}

function fileOf(table: Table, stem: string): string {
  return join('segments', table.name, `${stem}.parquet`);
}
