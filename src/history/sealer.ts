import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.ts';
import { makeDirectory, publishFile, TEMPORARY_SUFFIX } from './files.ts';
import type { Segment } from './manifest.ts';
import { definitions, literal, quoted, TABLES, type Table } from './schema.ts';
import { SnapshotRowReader, UNIX_US } from './snapshot_rows.ts';
import type { TableAppender } from './table_appender.ts';
import { appendRows, plansFor } from './table_plan.ts';

const MEMORY_LIMIT = '64MB';
const US_PER_MS = 1_000;

/** How every segment is written. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880';

/** Makes Parquet of frames, in a database that is kept for the next time. */
export class Sealer {
  readonly #reader = new SnapshotRowReader();
  #engine: Engine | undefined;

  /**
   * Writes the frames of a journal as one segment per table.
   *
   * @param stem distinguishes the files from those of all other journals
   */
  async seal(dataDir: string, stem: string, frames: readonly Uint8Array[]): Promise<Segment[]> {
    if (frames.length === 0) return [];
    this.#engine ??= await openEngine();
    const loads: Load[] = [];
    for (const table of TABLES) loads.push(await beginLoad(this.#engine, table));
    const span = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
    for (const snapshots of this.#reader.read(frames)) {
      const plans = plansFor(snapshots.layout);
      for (const [index, load] of loads.entries()) {
        load.rows += appendRows(load.appender, plans[index]!, snapshots);
      }
      for (let i = 0; i < snapshots.count; i++) {
        const unixMs = Math.floor(snapshots.rows[i * snapshots.stride + UNIX_US]! / US_PER_MS);
        span.fromMs = Math.min(span.fromMs, unixMs);
        span.toMs = Math.max(span.toMs, unixMs);
      }
    }
    const segments: Segment[] = [];
    for (const load of loads) {
      load.appender.close();
      const written = await write(this.#engine, load, dataDir, stem);
      if (written !== undefined) segments.push({ ...written, ...span });
    }
    await this.#engine.giveBackMemory();
    return segments;
  }

  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }
}

/** Loads the engine with its first use: that takes as long as everything else at the start together. */
async function openEngine(): Promise<Engine> {
  const { Engine } = await import('./engine.ts');
  return Engine.open(MEMORY_LIMIT);
}

/** One table of a journal on its way to Parquet. */
interface Load {
  readonly table: Table;
  readonly appender: TableAppender;
  rows: number;
}

async function beginLoad(engine: Engine, table: Table): Promise<Load> {
  const defined = definitions(table);
  const columns = defined.map(([name, type]) => `${quoted(name)} ${type}`);
  await engine.run(`CREATE OR REPLACE TABLE ${quoted(table.name)} (${columns.join(', ')})`);
  return { table, appender: await engine.appender(table), rows: 0 };
}

/** The rows of a table as a file that is there for good; undefined when there are none. */
async function write(
  engine: Engine,
  { table, rows }: Load,
  dataDir: string,
  stem: string,
): Promise<Omit<Segment, 'fromMs' | 'toMs'> | undefined> {
  const file = join('segments', table.name, `${stem}.parquet`);
  const path = join(dataDir, file);
  if (rows > 0) {
    makeDirectory(dirname(path));
    // In the order of the snapshots, which is that of time; compaction sorts labels within it.
    await engine.run(`COPY ${quoted(table.name)} TO ${literal(path + TEMPORARY_SUFFIX)} (${PARQUET})`);
  }
  await engine.run(`DROP TABLE ${quoted(table.name)}`);
  if (rows === 0) return undefined;
  publishFile(path + TEMPORARY_SUFFIX, path);
  return { table: table.name, file, level: 'minute', rows, bytes: statSync(path).size };
}
