import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FrameScanner } from '../wire/frame_scanner.ts';
import type { Engine } from './engine.ts';
import { makeDirectory, publishFile, TEMPORARY_SUFFIX } from './files.ts';
import { appendRows, planOf, type ShapePlan } from './frame_rows.ts';
import type { Segment } from './manifest.ts';
import type { RowAppender } from './row_appender.ts';
import { definitions, literal, quoted, TABLES, type Table } from './schema.ts';

const MEMORY_LIMIT = '64MB';
const US_PER_MS = 1_000;

/** How every segment is written. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880';

/** Makes Parquet of frames, in a database that is kept for the next time. */
export class Sealer {
  readonly #scanner = new FrameScanner();
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
    for (const frame of frames) {
      const plan = this.#planOf(frame);
      if (plan === undefined) continue;
      const unixUs = microseconds(this.#scanner.texts[plan.timestamp] ?? '');
      if (Number.isNaN(unixUs)) continue;
      span.fromMs = Math.min(span.fromMs, Math.floor(unixUs / US_PER_MS));
      span.toMs = Math.max(span.toMs, Math.floor(unixUs / US_PER_MS));
      for (const [index, load] of loads.entries()) {
        load.rows += appendRows(load.appender, plan.tables[index]!, unixUs, this.#scanner);
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

  /** Undefined for a frame that holds no snapshot, which a checksum cannot tell. */
  #planOf(frame: Uint8Array): ShapePlan | undefined {
    try {
      return planOf(this.#scanner.scan(frame), this.#scanner);
    } catch {
      return undefined;
    }
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
  readonly appender: RowAppender;
  rows: number;
}

async function beginLoad(engine: Engine, table: Table): Promise<Load> {
  const defined = definitions(table);
  const columns = defined.map(([name, type]) => `${quoted(name)} ${type}`);
  await engine.run(`CREATE OR REPLACE TABLE ${quoted(table.name)} (${columns.join(', ')})`);
  const types = defined.map(([, type]) => type);
  return { table, appender: await engine.appender(table.name, types), rows: 0 };
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

/** Unix microseconds of `2026-01-02T03:04:05.123456Z`; Date knows milliseconds only. */
function microseconds(timestamp: string): number {
  const fraction = /\.(\d{3})(\d{3})Z$/.exec(timestamp)?.[2] ?? '0';
  return Date.parse(timestamp) * US_PER_MS + Number(fraction);
}
