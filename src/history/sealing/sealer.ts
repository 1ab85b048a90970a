import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { US_PER_MS } from '../../base/units.ts';
import { UNIX_US } from '../rows/row_header.ts';
import type { SnapshotRows } from '../rows/snapshot_rows.ts';
import { makeDirectory, publishFile, removeFile, TEMPORARY_SUFFIX } from '../segments/files.ts';
import type { Segment } from '../segments/manifest.ts';
import { literal } from '../tables/schema.ts';
import type { TableSource } from './table_source.ts';
import type { TableSources } from './table_sources.ts';

/**
 * How every segment is written. Bloom filters, which the engine writes unless told not to, take a tenth of the bytes
 * and would only help lookups of one exact value. Version 2 of Parquet is smaller for counters and larger
 * for rounded gauges, of which there are more.
 */
export const PARQUET =
  'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880, WRITE_BLOOM_FILTER false';

/** Makes Parquet of snapshots, with an engine that is kept for the next time. */
export class Sealer {
  #sources: TableSources | undefined;

  /**
   * Writes the snapshots of a journal as one segment per table.
   *
   * @param stem distinguishes the files from those of all other journals
   */
  async seal(dataDir: string, stem: string, snapshots: readonly SnapshotRows[]): Promise<Segment[]> {
    if (snapshots.length === 0) return [];
    this.#sources ??= await openSources(dataDir);
    const { engine, tables } = this.#sources;
    const sources = tables.filter((source) => source.isIn(snapshots));
    for (const source of sources) source.begin(snapshots);
    // One call for all tables: each is a way to another thread and back.
    try {
      await engine.run(sources.map((source) => copying(source, dataDir, stem)).join(';'));
    } catch (error) {
      // A disk that is full needs the room of what was begun.
      for (const source of sources) removeFile(temporaryOf(source, dataDir, stem));
      throw error;
    }
    const span = spanOf(snapshots);
    const segments: Segment[] = [];
    for (const source of sources) {
      if (source.rows > 0) segments.push({ ...(await published(source, dataDir, stem)), ...span });
      else removeFile(temporaryOf(source, dataDir, stem));
    }
    return segments;
  }

  close(): void {
    this.#sources?.close();
    this.#sources = undefined;
  }
}

/** Loads the engine with its first use: that takes as long as everything else at the start together. */
async function openSources(dataDir: string): Promise<TableSources> {
  const { TableSources } = await import('./table_sources.ts');
  return TableSources.open(dataDir);
}

/** In the order of the snapshots, which is that of time; merging sorts labels within it. */
function copying(source: TableSource, dataDir: string, stem: string): string {
  const temporary = temporaryOf(source, dataDir, stem);
  makeDirectory(dirname(temporary));
  return `COPY (FROM ${source.name}()) TO ${literal(temporary)} (${PARQUET})`;
}

/** The rows of a table as a file that is there for good. */
async function published(
  source: TableSource,
  dataDir: string,
  stem: string,
): Promise<Omit<Segment, 'fromMs' | 'toMs'>> {
  const file = fileOf(source, stem);
  const path = join(dataDir, file);
  await publishFile(temporaryOf(source, dataDir, stem), path);
  return { table: source.table.name, file, level: 'minute', rows: source.rows, bytes: statSync(path).size };
}

function fileOf({ table }: TableSource, stem: string): string {
  return join('segments', table.name, `${stem}.parquet`);
}

function temporaryOf(source: TableSource, dataDir: string, stem: string): string {
  return join(dataDir, fileOf(source, stem)) + TEMPORARY_SUFFIX;
}

function spanOf(snapshots: readonly SnapshotRows[]): Pick<Segment, 'fromMs' | 'toMs'> {
  const span = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
  for (const { rows, stride, count } of snapshots) {
    for (let i = 0; i < count; i++) {
      const unixMs = Math.floor(rows[i * stride + UNIX_US]! / US_PER_MS);
      span.fromMs = Math.min(span.fromMs, unixMs);
      span.toMs = Math.max(span.toMs, unixMs);
    }
  }
  return span;
}
