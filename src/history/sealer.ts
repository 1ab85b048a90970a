import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Snapshot } from '../shared/snapshot.ts';
import { decodeFrame } from '../wire/codec.ts';
import { Engine, literal, type RowAppender } from './engine.ts';
import { makeDirectory, publishFile, TEMPORARY_SUFFIX } from './files.ts';
import type { Segment } from './manifest.ts';
import { cell, definitions, quoted, TABLES, type Table } from './schema.ts';

const MEMORY_LIMIT = '64MB';
const US_PER_MS = 1_000;

/** How every segment is written. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880';

/** Makes Parquet of frames, in a database that is kept for the next time. */
export class Sealer {
  #engine: Engine | undefined;

  /**
   * Writes the frames of a journal as one segment per table.
   *
   * @param stem distinguishes the files from those of all other journals
   */
  async seal(dataDir: string, stem: string, frames: readonly Uint8Array[]): Promise<Segment[]> {
    const snapshots = frames.map(snapshotOf).filter((snapshot) => snapshot !== undefined);
    if (snapshots.length === 0) return [];
    this.#engine ??= await Engine.open(MEMORY_LIMIT);
    const segments: Segment[] = [];
    for (const table of TABLES) {
      const segment = await this.#sealTable(this.#engine, table, dataDir, stem, snapshots);
      if (segment !== undefined) segments.push(segment);
    }
    return segments;
  }

  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }

  async #sealTable(
    engine: Engine,
    table: Table,
    dataDir: string,
    stem: string,
    snapshots: readonly Snapshot[],
  ): Promise<Segment | undefined> {
    const defined = definitions(table);
    const columns = defined.map(([name, type]) => `${quoted(name)} ${type}`);
    await engine.run(`CREATE OR REPLACE TABLE sealing (${columns.join(', ')})`);
    const appender = await engine.appender(
      'sealing',
      defined.map(([, type]) => type),
    );
    let rows = 0;
    for (const snapshot of snapshots) rows += appendRows(appender, table, snapshot);
    appender.close();
    if (rows === 0) return undefined;
    const file = join('segments', table.name, `${stem}.parquet`);
    const path = join(dataDir, file);
    makeDirectory(dirname(path));
    const temporary = `${path}${TEMPORARY_SUFFIX}`;
    // In the order of the snapshots, which is that of time; compaction sorts labels within it.
    await engine.run(`COPY sealing TO ${literal(temporary)} (${PARQUET})`);
    await engine.run('DROP TABLE sealing');
    publishFile(temporary, path);
    const times = snapshots.map(({ timestamp }) => Date.parse(timestamp));
    return {
      table: table.name,
      file,
      level: 'minute',
      fromMs: times.reduce((a, b) => Math.min(a, b)),
      toMs: times.reduce((a, b) => Math.max(a, b)),
      rows,
      bytes: statSync(path).size,
    };
  }
}

function appendRows(appender: RowAppender, table: Table, snapshot: Snapshot): number {
  const unixUs = microseconds(snapshot.timestamp);
  let rows = 0;
  for (const { labels, fields } of table.rows(snapshot)) {
    appender.timestamp(unixUs);
    for (const label of labels) appender.cell('text', label);
    for (const column of table.columns) appender.cell(column.kind, cell(column, fields[column.name]));
    appender.endRow();
    rows++;
  }
  return rows;
}

/** Unix microseconds of `2026-01-02T03:04:05.123456Z`; Date knows milliseconds only. */
function microseconds(timestamp: string): number {
  const fraction = /\.(\d{3})(\d{3})Z$/.exec(timestamp)?.[2] ?? '0';
  return Date.parse(timestamp) * US_PER_MS + Number(fraction);
}

/** The snapshot of a frame; undefined for one that is none, which a checksum cannot tell. */
function snapshotOf(frame: Uint8Array): Snapshot | undefined {
  try {
    const decoded = decodeFrame(frame);
    return decoded.type === 'snapshot' && !Number.isNaN(Date.parse(decoded.timestamp)) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
