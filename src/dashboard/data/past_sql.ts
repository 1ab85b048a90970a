import { TABLE_FACTS } from '../../model/field_at.ts';

/** One row of a table as it was recorded, by column; columns without a value are left out. */
export type PastRow = Readonly<Record<string, number | string | boolean>>;

/** What tables held at a moment. */
export interface PastMoment {
  /** Seconds since 1970 of the sample shown; undefined when nothing was recorded then. */
  readonly time: number | undefined;
  readonly rows: ReadonlyMap<string, readonly PastRow[]>;
}

/** The latest row of each table within a stretch of time, as JSON: tables have different columns. */
export function momentSql(tables: readonly string[], suffix: string, from: number, to: number): string {
  const parts = tables.map(
    (table) =>
      `(SELECT '${table}' AS source, epoch_us(timestamp) AS t, to_json(r) AS row FROM ${table}${suffix} r` +
      ` WHERE timestamp > ${timestamp(from)} AND timestamp <= ${timestamp(to)}` +
      ' QUALIFY timestamp = max(timestamp) OVER ())',
  );
  return parts.join('\nUNION ALL\n');
}

/** The answer to {@link momentSql}; the columns of rollups get the names of what they are made of. */
export function momentOf(answer: readonly (readonly unknown[])[]): PastMoment {
  const rows = new Map<string, PastRow[]>();
  let latest = 0;
  for (const [source, time, text] of answer) {
    const table = String(source);
    const row = rowOf(table, JSON.parse(String(text)));
    rows.set(table, [...(rows.get(table) ?? []), row]);
    latest = Math.max(latest, Number(time) / 1e6);
  }
  return { time: latest, rows };
}

function rowOf(table: string, given: Readonly<Record<string, unknown>>): PastRow {
  const fields = TABLE_FACTS.get(table)?.fields ?? {};
  const row: Record<string, number | string | boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') continue;
    const [, column = name, side] = /^(.*)_(min|avg|max|last)$/.exec(name) ?? [];
    if (side === undefined || name in fields) row[name] = value;
    // The mean of a counter is no count of anything.
    else if (side === (fields[column]?.kind === 'counter' || typeof value === 'string' ? 'last' : 'avg'))
      row[column] = value;
  }
  return row;
}

function timestamp(seconds: number): string {
  return `make_timestamptz(${Math.round(seconds * 1e6)})`;
}
