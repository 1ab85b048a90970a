import { keys, quoted, TABLES, type Table } from './schema.ts';

/** The rollups there are of every table: suffix and width of a bucket. */
export const ROLLUPS = [
  { suffix: '1s', bucket: '1 second' },
  { suffix: '1m', bucket: '1 minute' },
] as const;

export type Rollup = (typeof ROLLUPS)[number];

/** The columns of a rollup, each with the expression that makes it of raw rows. */
function aggregates(table: Table): [name: string, expression: string][] {
  const columns: [string, string][] = [['samples', 'count(*)']];
  const identity = keys(table);
  for (const { name, kind } of table.columns) {
    if (kind === 'text' || identity.includes(name)) continue;
    const source = quoted(name);
    columns.push(
      [`${name}_min`, `min(${source})`],
      [`${name}_avg`, `avg(${source})`],
      [`${name}_max`, `max(${source})`],
    );
    if (kind === 'counter') columns.push([`${name}_last`, `arg_max(${source}, "timestamp")`]);
  }
  return columns;
}

/** SQL that rolls raw rows of a table up into buckets. `from` is a table, a view or a function call. */
export function rollupQuery(table: Table, { bucket }: Rollup, from: string): string {
  const identity = keys(table).map(quoted);
  const bucketed = `time_bucket(INTERVAL '${bucket}', "timestamp")`;
  const selected = aggregates(table).map(([name, expression]) => `${expression} AS ${quoted(name)}`);
  return [
    `SELECT ${[`${bucketed} AS "timestamp"`, ...identity, ...selected].join(', ')}`,
    `FROM ${from}`,
    `GROUP BY ${[bucketed, ...identity].join(', ')}`,
  ].join(' ');
}

/** The name of a table's rollup. */
export function rollupName(table: Table, { suffix }: Rollup): string {
  return `${table.name}_${suffix}`;
}

/** The names of all rollups, each with that of the table it is made of. */
export const TABLE_OF_ROLLUP: ReadonlyMap<string, string> = new Map(
  TABLES.flatMap((table) => ROLLUPS.map((rollup) => [rollupName(table, rollup), table.name] as const)),
);
