import { type Source, sourcesOf } from '../data/history_sql.ts';
import { labelColumnOf } from '../data/metric.ts';
import { PERF_RATIOS } from '../data/perf_ratios.ts';
import type { Range } from '../view/view_state.ts';

/** Tables of rows, or of rollups where rows are no longer kept. */
export type Suffix = '' | '_1s' | '_1m';

/** Whether there are rows of a stretch, in tables of this suffix. */
export function countSql(range: Range, suffix: Suffix): string {
  return `SELECT count(*) FROM sampling${suffix} WHERE ${within(range)}`;
}

/** Every sample of these series in a stretch of time: a row for each moment, a column for each series. */
export function exportSql(keys: Iterable<string>, range: Range, suffix: Suffix): string {
  const parts = sourcesOf(keys).map((source) => `(${partSql(source, range, suffix)})`);
  const [first = '', ...others] = parts.map((part, index) => `${part} AS part${index}`);
  const joins = others.map((part) => ` FULL JOIN ${part} USING (timestamp)`);
  return `SELECT * FROM ${first}${joins.join('')} ORDER BY timestamp`;
}

function partSql({ table, columns, labels }: Source, range: Range, suffix: Suffix): string {
  const [name = ''] = table.split('/');
  const from = `FROM ${name}${suffix} WHERE ${within(range)}`;
  if (name === 'perf_events') {
    const columnsSql =
      labels.length > 0
        ? labels.map((event) => rateSql(event, suffix))
        : columns.map((column) => ratioSql(column, suffix));
    return `SELECT timestamp, ${columnsSql.join(', ')} ${from} GROUP BY timestamp`;
  }
  const of = (column: string): string => quoted(suffix === '' ? column : `${column}_avg`);
  const label = labelColumnOf(name);
  if (labels.length === 0 || label === undefined) {
    const selected = columns.map((column) => `${of(column)} AS ${quoted(`${name}.${column}`)}`);
    return `SELECT timestamp, ${selected.join(', ')} ${from}`;
  }
  const selected = labels.flatMap((one) =>
    columns.map(
      (column) =>
        `max(${of(column)}) FILTER (WHERE ${quoted(label)}::VARCHAR = ${literal(one)}) AS ${quoted(`${name}.${one}.${column}`)}`,
    ),
  );
  return `SELECT timestamp, ${selected.join(', ')} ${from} GROUP BY timestamp`;
}

function rateSql(event: string, suffix: Suffix): string {
  const rate = suffix === '' ? 'value * 1000 / elapsed_ms' : 'value_avg * 1000 / elapsed_ms_avg';
  return `max(${rate}) FILTER (WHERE event = ${literal(event)}) AS ${quoted(`perf_events.${event}.per_sec`)}`;
}

function ratioSql(column: string, suffix: Suffix): string {
  const ratio = PERF_RATIOS.find((one) => one.column === column);
  const value = suffix === '' ? 'value' : 'value_avg';
  const of = (event = ''): string => `sum(${value}) FILTER (WHERE event = ${literal(event)})`;
  return `${ratio?.factor ?? 1} * ${of(ratio?.numerator)} / nullif(${of(ratio?.denominator)}, 0) AS ${quoted(`perf_events.${column}`)}`;
}

function within({ from, to }: Range): string {
  const at = (seconds: number): string => `make_timestamptz(${Math.round(seconds * 1e6)})`;
  return `timestamp >= ${at(from)} AND timestamp <= ${at(to)}`;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
