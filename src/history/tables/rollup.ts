import { type Column, definitions, keys, quoted, type SqlType, TABLES, type Table } from './schema.ts';

const US_PER_SECOND = 1_000_000;

/** The rollups there are of every table: suffix and width of a bucket. */
export const ROLLUPS = [
  { suffix: '1s', widthUs: US_PER_SECOND },
  { suffix: '1m', widthUs: 60 * US_PER_SECOND },
] as const;

export type Rollup = (typeof ROLLUPS)[number];

/** The columns that are rolled up. */
function measures(table: Table): readonly Column[] {
  const identity = keys(table);
  return table.columns.filter(({ name, kind }) => kind !== 'text' && !identity.includes(name));
}

/** The columns of which no rollup says anything. */
export function leftOut(table: Table): string[] {
  const told = new Set([...keys(table), ...measures(table).map(({ name }) => name)]);
  return table.columns.map(({ name }) => name).filter((name) => !told.has(name));
}

/** The column of a rollup that says this of a measure. */
function about(measure: string, what: 'min' | 'sum' | 'count' | 'avg' | 'max' | 'last'): string {
  return quoted(`${measure}_${what}`);
}

/** Rows are grouped by the number of their bucket: no clock of Linux is before 1970, so a division tells it. */
function grouped(table: Table, widthUs: number, columns: readonly string[], from: string): string {
  const identity = keys(table).map(quoted);
  const bucket = `epoch_us("timestamp") // ${widthUs}`;
  return [
    `SELECT ${[`make_timestamptz((${bucket}) * ${widthUs}) AS "timestamp"`, ...identity, ...columns].join(', ')}`,
    `FROM ${from} AS rows`,
    `GROUP BY ${[bucket, ...identity].join(', ')}`,
  ].join(' ');
}

/**
 * SQL that makes of raw rows what every rollup is made of: of each second the sums and counts averages need, beside
 * the extremes. There are as few rows of it as of the smallest rollup, so the larger ones cost next to nothing.
 *
 * @param from a table, a view, a function call or a query in parentheses
 */
export function secondsQuery(table: Table, from: string): string {
  const columns = measures(table).flatMap(({ name, kind, weight }) => {
    const source = quoted(name);
    // A mean over requests weighs as many requests as it is of.
    const [sum, count] =
      weight === undefined
        ? [source, `count(${source})`]
        : [`${source} * ${quoted(weight)}`, `sum(${quoted(weight)}) FILTER (${source} IS NOT NULL)`];
    return [
      `min(${source}) AS ${about(name, 'min')}`,
      `sum(${sum}) AS ${about(name, 'sum')}`,
      `${count} AS ${about(name, 'count')}`,
      `max(${source}) AS ${about(name, 'max')}`,
      ...(kind === 'counter' ? [`arg_max(${source}, "timestamp") AS ${about(name, 'last')}`] : []),
    ];
  });
  return grouped(table, US_PER_SECOND, ['count(*) AS samples', ...columns], from);
}

/** SQL that rolls up seconds as above; `from` is where they are. */
export function rollupQuery(table: Table, { widthUs }: Rollup, from: string): string {
  const columns = measures(table).flatMap(({ name, kind }) => {
    return [
      `min(${about(name, 'min')}) AS ${about(name, 'min')}`,
      `sum(${about(name, 'sum')}) / nullif(sum(${about(name, 'count')}), 0) AS ${about(name, 'avg')}`,
      `max(${about(name, 'max')}) AS ${about(name, 'max')}`,
      ...(kind === 'counter'
        ? [`arg_max(${about(name, 'last')}, rows."timestamp") AS ${about(name, 'last')}`]
        : []),
    ];
  });
  return grouped(table, widthUs, ['sum(samples)::BIGINT AS samples', ...columns], from);
}

/** The columns of a table's rollups, in their order. */
export function rollupColumns(table: Table): [name: string, type: SqlType][] {
  const identity = new Set(keys(table));
  const types = new Map(definitions(table));
  return [
    ['timestamp', 'TIMESTAMPTZ'],
    ...definitions(table).filter(([name]) => identity.has(name)),
    ['samples', 'BIGINT'],
    ...measures(table).flatMap(({ name, kind }): [string, SqlType][] => {
      const type = types.get(name) ?? 'DOUBLE';
      return [
        [`${name}_min`, type],
        [`${name}_avg`, 'DOUBLE'],
        [`${name}_max`, type],
        ...(kind === 'counter' ? [[`${name}_last`, type] satisfies [string, SqlType]] : []),
      ];
    }),
  ];
}

/** The name of a table's rollup. */
export function rollupName(table: Table, { suffix }: Rollup): string {
  return `${table.name}_${suffix}`;
}

/** The names of all rollups, each with that of the table it is made of. */
export const TABLE_OF_ROLLUP: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap((table) => ROLLUPS.map((rollup) => [rollupName(table, rollup), table.name] as const)),
);
