import { type Column, keys, quoted, TABLES, type Table } from './schema.ts';

/** The rollups there are of every table: suffix and width of a bucket. */
export const ROLLUPS = [
  { suffix: '1s', bucket: '1 second' },
  { suffix: '1m', bucket: '1 minute' },
] as const;

export type Rollup = (typeof ROLLUPS)[number];

/** The columns that are rolled up. */
function measures(table: Table): readonly Column[] {
  const identity = keys(table);
  return table.columns.filter(({ name, kind }) => kind !== 'text' && !identity.includes(name));
}

/** The column of a rollup that says this of a measure. */
function about(measure: string, what: 'min' | 'sum' | 'count' | 'avg' | 'max' | 'last'): string {
  return quoted(`${measure}_${what}`);
}

function grouped(table: Table, bucket: string, columns: readonly string[], from: string): string {
  const identity = keys(table).map(quoted);
  const bucketed = `time_bucket(INTERVAL '${bucket}', "timestamp")`;
  return [
    `SELECT ${[`${bucketed} AS "timestamp"`, ...identity, ...columns].join(', ')}`,
    `FROM ${from} AS rows`,
    `GROUP BY ${[bucketed, ...identity].join(', ')}`,
  ].join(' ');
}

/**
 * SQL that makes of raw rows what every rollup is made of: of each second the sums and counts averages need, beside
 * the extremes. There are as few rows of it as of the smallest rollup, so the larger ones cost next to nothing.
 *
 * @param from a table, a view, a function call or a query in parentheses
 */
export function secondsQuery(table: Table, from: string): string {
  const columns = measures(table).flatMap(({ name, kind }) => {
    const source = quoted(name);
    return [
      `min(${source}) AS ${about(name, 'min')}`,
      `sum(${source}) AS ${about(name, 'sum')}`,
      `count(${source}) AS ${about(name, 'count')}`,
      `max(${source}) AS ${about(name, 'max')}`,
      ...(kind === 'counter' ? [`arg_max(${source}, "timestamp") AS ${about(name, 'last')}`] : []),
    ];
  });
  return grouped(table, '1 second', ['count(*) AS samples', ...columns], from);
}

/** SQL that rolls up seconds as above; `from` is where they are. */
export function rollupQuery(table: Table, { bucket }: Rollup, from: string): string {
  const columns = measures(table).flatMap(({ name, kind }) => {
    return [
      `min(${about(name, 'min')}) AS ${about(name, 'min')}`,
      `sum(${about(name, 'sum')}) / sum(${about(name, 'count')}) AS ${about(name, 'avg')}`,
      `max(${about(name, 'max')}) AS ${about(name, 'max')}`,
      ...(kind === 'counter'
        ? [`arg_max(${about(name, 'last')}, rows."timestamp") AS ${about(name, 'last')}`]
        : []),
    ];
  });
  return grouped(table, bucket, ['sum(samples)::BIGINT AS samples', ...columns], from);
}

/** The name of a table's rollup. */
export function rollupName(table: Table, { suffix }: Rollup): string {
  return `${table.name}_${suffix}`;
}

/** The names of all rollups, each with that of the table it is made of. */
export const TABLE_OF_ROLLUP: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap((table) => ROLLUPS.map((rollup) => [rollupName(table, rollup), table.name] as const)),
);
