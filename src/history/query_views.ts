import type { Engine } from './engine.ts';
import type { QueryTask } from './query_messages.ts';
import { ROLLUPS, rollupName, rollupQuery, secondsQuery } from './rollup.ts';
import { quoted, TABLES } from './schema.ts';
import { segmentScan, tableScan } from './segment_scan.ts';

/** Questions about the tables themselves, and ways to name a table without writing its name: SQL in text, escapes. */
const LOOKS_AROUND =
  /\b(show|describe|information_schema|duckdb_\w+|pg_\w+|sqlite_\w+|query\w*|\w*serialized_sql)\b|\\/i;

/**
 * Makes the tables a question is about, as views over exactly these segments. A rollup is what was rolled up when
 * its hour was compacted, and the rest made of raw rows on the fly.
 *
 * Making a view reads the footer of each of its files, which for all tables of a day takes half a second.
 */
export async function createViews(
  engine: Engine,
  { dataDir, segments, sql }: Pick<QueryTask, 'dataDir' | 'segments' | 'sql'>,
): Promise<void> {
  // Binding a view, preparing a question and answering it look at the footers each.
  await engine.run('SET parquet_metadata_cache = true');
  const wanted = wantedTables(sql);
  for (const table of TABLES) {
    const raw = segments.filter((segment) => segment.table === table.name);
    if (wanted.has(table.name)) {
      await engine.run(`CREATE VIEW ${quoted(table.name)} AS ${tableScan(dataDir, raw, table)}`);
    }
    const minutes = raw.filter(({ level }) => level === 'minute');
    for (const rollup of ROLLUPS) {
      const name = rollupName(table, rollup);
      if (!wanted.has(name)) continue;
      const recent = rollupQuery(
        table,
        rollup,
        `(${secondsQuery(table, `(${tableScan(dataDir, minutes, table)})`)})`,
      );
      const compacted = segments.filter((segment) => segment.table === name);
      const query =
        compacted.length === 0
          ? recent
          : `FROM ${segmentScan(dataDir, compacted)} UNION ALL BY NAME ${recent}`;
      await engine.run(`CREATE VIEW ${quoted(name)} AS ${query}`);
    }
  }
}

/** The tables and rollups whose names occur in a question; all of them where that does not tell. */
function wantedTables(sql: string): ReadonlySet<string> {
  const all = TABLES.flatMap((table) => [table.name, ...ROLLUPS.map((rollup) => rollupName(table, rollup))]);
  if (LOOKS_AROUND.test(sql)) return new Set(all);
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  const mentioned = all.filter((name) => words.has(name));
  // Of a table that does not exist, the engine says what it may have meant.
  return new Set(mentioned.length === 0 ? all : mentioned);
}
