import { resolve } from 'node:path';
import { type Engine, literal } from './engine.ts';
import type { Segment } from './manifest.ts';
import { ROLLUPS, rollupName, rollupQuery } from './rollup.ts';
import { definitions, quoted, TABLES, type Table } from './schema.ts';

/**
 * Makes the tables people ask about, as views over exactly these segments. A rollup is what was rolled up when
 * its hour was compacted, and the rest made of raw rows on the fly.
 */
export async function createViews(
  engine: Engine,
  dataDir: string,
  segments: readonly Segment[],
): Promise<void> {
  for (const table of TABLES) {
    const raw = segments.filter((segment) => segment.table === table.name);
    await engine.run(`CREATE VIEW ${quoted(table.name)} AS ${scan(dataDir, raw, table)}`);
    const minutes = raw.filter(({ level }) => level === 'minute');
    for (const rollup of ROLLUPS) {
      const name = rollupName(table, rollup);
      const recent = rollupQuery(table, rollup, `(${scan(dataDir, minutes, table)})`);
      const compacted = segments.filter((segment) => segment.table === name);
      const query =
        compacted.length === 0 ? recent : `FROM ${files(dataDir, compacted)} UNION ALL BY NAME ${recent}`;
      await engine.run(`CREATE VIEW ${quoted(name)} AS ${query}`);
    }
  }
}

function scan(dataDir: string, segments: readonly Segment[], table: Table): string {
  const columns = definitions(table);
  if (segments.length === 0) {
    const empty = columns.map(([name, type]) => `NULL::${type} AS ${quoted(name)}`);
    return `SELECT ${empty.join(', ')} WHERE false`;
  }
  return `SELECT ${columns.map(([name]) => quoted(name)).join(', ')} FROM ${files(dataDir, segments)}`;
}

function files(dataDir: string, segments: readonly Segment[]): string {
  const paths = [...segments]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ file }) => literal(resolve(dataDir, file)));
  return `read_parquet([${paths.join(', ')}], union_by_name = true)`;
}
