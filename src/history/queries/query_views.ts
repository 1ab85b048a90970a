import { US_PER_MS } from '../../base/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Segment } from '../segments/manifest.ts';
import { segmentScan, tableScan } from '../segments/segment_scan.ts';
import {
  ROLLUPS,
  type Rollup,
  rollupColumns,
  rollupName,
  rollupQuery,
  secondsQuery,
} from '../tables/rollup.ts';
import { definitions, ofHosts, quoted, TABLES, type Table } from '../tables/schema.ts';
import { eventViews } from './event_views.ts';
import type { QueryTask } from './query_messages.ts';
import {
  createStandIns,
  dropStandIns,
  type Named,
  type Span,
  spansAskedFor,
  within,
} from './segment_pruning.ts';

/** Ways to name a table without writing its name: SQL in text, escapes. */
const HIDES_NAMES = /\b(query\w*|\w*serialized_sql)\b|\\/i;
/** Questions about the tables themselves. */
const LOOKS_AROUND = /\b(show|describe|information_schema)\b/i;
/** A statement about columns only, regardless of their content. */
const TELLS_COLUMNS = /^\s*(show|describe|desc)\b/i;

/** A table or rollup, and the segments a view of it is made over. */
interface View extends Named {
  query(segments: readonly Segment[], span: Span | undefined): string;
}

/** What a question names or may name. */
interface Mentioned {
  /** Tables whose rows it may be about. */
  readonly tables: readonly View[];
  /** Tables it may only ask the columns of. */
  readonly others: readonly View[];
}

type Asked = Pick<QueryTask, 'dataDir' | 'segments' | 'sql' | 'ofHosts'>;

/** All tables and rollups, sorted into what a question is about and what else there is for it to see. */
function tablesOf({ dataDir, sql, ofHosts: isLake = false }: Asked): Mentioned {
  const tables = TABLES.map((table) => (isLake ? ofHosts(table) : table));
  const all: View[] = tables.flatMap((table): View[] => [
    rawView(dataDir, table, isLake),
    ...ROLLUPS.map((rollup) => rollupView(dataDir, table, rollup, isLake)),
  ]);
  if (!isLake) all.push(...eventViews(dataDir));
  if (HIDES_NAMES.test(sql)) return { tables: all, others: [] };
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  const isNamed = ({ name }: View): boolean => words.has(name) && !TELLS_COLUMNS.test(sql);
  const named = all.filter(isNamed);
  // Of a table that does not exist, the engine says what it may have meant.
  const seesOthers = LOOKS_AROUND.test(sql) || named.length === 0;
  return { tables: named, others: seesOthers ? all.filter((view) => !isNamed(view)) : [] };
}

/**
 * Makes the tables a question is about, as views over exactly these segments, as far as the times it is about go. A
 * rollup is what was rolled up when its hour was merged, and the rest made of raw rows on the fly.
 *
 * Making a view reads the footer of each of its files, which for all tables of a day takes half a second; so the
 * tables it can only ask the columns of have no files.
 *
 * @param admit has the last word on the question; nothing of history can be reached before it is asked
 */
export async function createTables(
  engine: Engine,
  question: Asked,
  admit: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { segments, sql } = question;
  const { tables, others } = tablesOf(question);
  const standIns = [...tables, ...others];
  // Binding a view, preparing a question and answering it look at the footers each.
  await engine.run('SET parquet_metadata_cache = true');
  await createStandIns(engine, standIns);
  await admit();
  const spans = await spansAskedFor(engine, sql);
  await dropStandIns(engine, standIns);
  for (const view of tables) await create(engine, view, view.query(segments, spans.get(view.name)));
  for (const view of others) await create(engine, view, view.query([], undefined));
}

/** The segments a question is about. */
export function segmentsAskedFor(task: QueryTask): readonly Segment[] {
  const wanted = new Set(tablesOf(task).tables.map(({ name }) => name));
  return task.segments.filter(
    ({ table }) => wanted.has(table) || ROLLUPS.some(({ suffix }) => wanted.has(`${table}_${suffix}`)),
  );
}

function create(engine: Engine, { name }: View, query: string): Promise<void> {
  return engine.run(`CREATE VIEW ${quoted(name)} AS ${query}`);
}

function rawView(dataDir: string, table: Table, isLake: boolean): View {
  const { name } = table;
  return {
    name,
    columns: definitions(table),
    query(segments, span) {
      const own = segments.filter((segment) => segment.table === name);
      return tableScan(dataDir, within(own, span), table, isLake);
    },
  };
}

function rollupView(dataDir: string, table: Table, rollup: Rollup, isLake: boolean): View {
  const name = rollupName(table, rollup);
  return {
    name,
    columns: rollupColumns(table),
    query(segments, span) {
      const minutes = segments.filter(
        (segment) => segment.table === table.name && segment.level === 'minute',
      );
      // A bucket is named by its beginning, and the rows of the last lie behind that.
      const raw = within(minutes, span && { ...span, toMs: span.toMs + rollup.widthUs / US_PER_MS });
      const recent = rollupQuery(
        table,
        rollup,
        `(${secondsQuery(table, `(${tableScan(dataDir, raw, table, isLake)})`)})`,
      );
      const merged = within(
        segments.filter((segment) => segment.table === name),
        span,
      );
      return merged.length === 0
        ? recent
        : `FROM ${segmentScan(dataDir, merged)} UNION ALL BY NAME ${recent}`;
    },
  };
}
