import type { Engine } from '../engine/engine.ts';
import type { Segment } from '../segments/manifest.ts';
import { literal, quoted, type SqlType } from '../tables/schema.ts';

/** What a question is about at most: a time, in Unix milliseconds, and of a lake the hosts. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Absent for all. */
  readonly hosts?: readonly string[];
}

/** A table or rollup as a question may name it. */
export interface Named {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: SqlType])[];
}

/** Least and greatest value of each type, so that statistics rule nothing out. */
const EXTREMES: Readonly<Record<SqlType, readonly [least: string, greatest: string]>> = {
  TIMESTAMPTZ: [literal('1900-01-01'), literal('2500-01-01')],
  BIGINT: ['-9223372036854775807', '9223372036854775807'],
  DOUBLE: ['-1e300', '1e300'],
  VARCHAR: [literal(''), literal('\u{10ffff}')],
};

/** Makes tables with the names and columns of those asked for and next to nothing in them, to plan a question on. */
export async function createStandIns(engine: Engine, tables: readonly Named[]): Promise<void> {
  const statements = tables.flatMap(({ name, columns }) => {
    const row = (which: 0 | 1): string => `(${columns.map(([, type]) => EXTREMES[type][which]).join(', ')})`;
    const definition = columns.map(([column, type]) => `${quoted(column)} ${type}`).join(', ');
    return [
      `CREATE TABLE ${quoted(name)} (${definition})`,
      `INSERT INTO ${quoted(name)} VALUES ${row(0)}, ${row(1)}`,
    ];
  });
  if (statements.length > 0) await engine.run(statements.join(';'));
}

export async function dropStandIns(engine: Engine, tables: readonly Named[]): Promise<void> {
  if (tables.length > 0) await engine.run(tables.map(({ name }) => `DROP TABLE ${quoted(name)}`).join(';'));
}

/**
 * The times a question is about, table by table, as the engine itself understands it: it plans the question on the
 * stand-ins, and the filters it pushes down to every scan of a table bound what rows of it can matter. A table that
 * is scanned without such a filter is not in the result.
 *
 * @param sql one statement, known to be a SELECT
 */
export async function spansAskedFor(engine: Engine, sql: string): Promise<ReadonlyMap<string, Span>> {
  const spans = new Map<string, Span>();
  let plan: unknown;
  try {
    const reader = await engine.connection.runAndReadAll(`EXPLAIN (FORMAT json) ${sql}`);
    plan = JSON.parse(String(reader.getRowsJS()[0]?.[1]));
  } catch {
    // What cannot be planned will say so itself when it is run.
    return spans;
  }
  for (const { table, filters } of scansIn(plan)) {
    const span = spanOf(filters);
    const before = spans.get(table) ?? span;
    const hosts = before.hosts && span.hosts && [...new Set([...before.hosts, ...span.hosts])];
    spans.set(table, {
      fromMs: Math.min(before.fromMs, span.fromMs),
      toMs: Math.max(before.toMs, span.toMs),
      ...(hosts !== undefined && { hosts }),
    });
  }
  return spans;
}

/** The segments that may hold rows of a span. */
export function within(segments: readonly Segment[], span: Span | undefined): readonly Segment[] {
  if (span === undefined) return segments;
  return segments.filter(
    ({ fromMs, toMs, host }) =>
      toMs >= span.fromMs &&
      fromMs <= span.toMs &&
      (host === undefined || span.hosts === undefined || span.hosts.includes(host)),
  );
}

/** Every scan of a table in a plan. */
function* scansIn(node: unknown): Iterable<{ table: string; filters: readonly string[] }> {
  if (Array.isArray(node)) {
    for (const child of node) yield* scansIn(child);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('extra_info' in node && typeof node.extra_info === 'object' && node.extra_info !== null) {
    const info: { Table?: unknown; Filters?: unknown } = node.extra_info;
    if (typeof info.Table === 'string') {
      const filters = [info.Filters ?? []].flat().filter((filter) => typeof filter === 'string');
      yield { table: info.Table.slice(info.Table.lastIndexOf('.') + 1), filters };
    }
  }
  if ('children' in node) yield* scansIn(node.children);
}

const COMPARISON = /^timestamp(>=?|<=?|=)'([^']+)'::TIMESTAMP WITH TIME ZONE$/;

/** A time that is no whole number of milliseconds. */
const MICROSECONDS = /\.\d{3}\d*[1-9]/;
const ONE_HOST = /^host='((?:[^']|'')*)'$/;

/** What filters on `timestamp` alone and on `host` alone, all of which must hold, leave of all times. */
function spanOf(filters: readonly string[]): Span {
  let fromMs = Number.NEGATIVE_INFINITY;
  let toMs = Number.POSITIVE_INFINITY;
  let hosts: readonly string[] | undefined;
  for (const filter of filters) {
    const [, host] = ONE_HOST.exec(filter) ?? [];
    if (host !== undefined) hosts = [host.replaceAll("''", "'")];
    const comparisons = filter.split(' AND ').map((part) => COMPARISON.exec(part));
    // Anything else may let more rows pass than it seems.
    if (comparisons.some((comparison) => comparison === null)) continue;
    for (const [, operator = '', time = ''] of comparisons as RegExpExecArray[]) {
      const ms = Date.parse(time.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
      if (Number.isNaN(ms)) continue;
      if (operator !== '<' && operator !== '<=') fromMs = Math.max(fromMs, Math.floor(ms));
      if (operator === '<' && !MICROSECONDS.test(time)) toMs = Math.min(toMs, ms - 1);
      else if (operator !== '>' && operator !== '>=') toMs = Math.min(toMs, Math.ceil(ms) + 1);
    }
  }
  return { fromMs, toMs, ...(hosts !== undefined && { hosts }) };
}
