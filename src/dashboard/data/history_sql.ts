import type { Range } from '../view/view_state.ts';
import { labelColumnOf, metricOf } from './metric.ts';
import { PERF_RATIOS } from './perf_ratios.ts';

/** Which tables a stretch of time is asked of, and how wide the buckets of the answer are. */
export interface Resolution {
  readonly suffix: '' | '_1s' | '_1m';
  /** Seconds; 0 is every sample as it was. */
  readonly width: number;
}

const WIDTHS = [
  0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
  7200, 14_400, 43_200, 86_400,
];

/** The coarsest tables and buckets that still fill the columns of pixels there are. */
export function resolutionFor(spanSeconds: number, pixels: number, intervalSeconds: number): Resolution {
  const wanted = spanSeconds / Math.max(pixels, 1);
  const width = WIDTHS.findLast((candidate) => candidate <= wanted) ?? 0;
  if (width >= 60) return { suffix: '_1m', width };
  if (width >= 1) return { suffix: '_1s', width };
  return { suffix: '', width: width < intervalSeconds * 1.5 ? 0 : width };
}

/** The same stretch from rollups, for when the rows themselves are no longer kept. */
export function coarser({ suffix, width }: Resolution): Resolution | undefined {
  if (suffix === '') return { suffix: '_1s', width: Math.max(width, 1) };
  return suffix === '_1s' ? { suffix: '_1m', width: Math.max(width, 60) } : undefined;
}

/** One table's part of the question: which series come back in which order. */
export interface Source {
  readonly table: string;
  readonly columns: readonly string[];
  readonly labels: readonly string[];
}

/** Series grouped by the table they are in. */
export function sourcesOf(keys: Iterable<string>): Source[] {
  const byTable = new Map<string, { columns: Set<string>; labels: Set<string> }>();
  for (const key of keys) {
    const { table, label, column } = metricOf(key);
    const name = table === 'perf_events' && label === '' ? 'perf_events/ratios' : table;
    let source = byTable.get(name);
    if (source === undefined) {
      source = { columns: new Set(), labels: new Set() };
      byTable.set(name, source);
    }
    source.columns.add(column);
    if (label !== '') source.labels.add(label);
  }
  return [...byTable].map(([table, { columns, labels }]) => ({
    table,
    columns: [...columns],
    labels: [...labels],
  }));
}

/**
 * One question for everything: a row per table and label, with the buckets' times (microseconds) and, for each
 * column, minima, means and maxima as lists.
 */
export function historySql(
  sources: readonly Source[],
  range: Range,
  resolution: Resolution,
  perfIntervalMs: number,
): string {
  return sources.map((source) => sourceSql(source, range, resolution, perfIntervalMs)).join('\nUNION ALL\n');
}

function sourceSql(source: Source, range: Range, resolution: Resolution, perfIntervalMs: number): string {
  const { table, columns, labels } = source;
  const [name = ''] = table.split('/');
  const byLabel = labels.length > 0 ? labelColumnOf(name) : undefined;
  const widthUs = Math.round(resolution.width * 1e6);
  const bucket =
    widthUs === 0 ? 'epoch_us(timestamp)' : `epoch_us(timestamp) // ${widthUs} * ${widthUs} + ${widthUs / 2}`;
  const label = byLabel === undefined ? "''" : `${quoted(byLabel)}::VARCHAR`;
  const wanted = byLabel === undefined ? '' : ` AND ${label} IN (${labels.map(literal).join(', ')})`;
  const expressions = columns.flatMap((column, index) =>
    aggregates(name, column, resolution.suffix !== '', perfIntervalMs).map(
      (expression, side) => `${expression} AS c${index}_${side}`,
    ),
  );
  const lists = columns.flatMap((_, index) =>
    [0, 1, 2].map((side) => `list(round(c${index}_${side}, 4) ORDER BY t)`),
  );
  return [
    `SELECT ${literal(table)} AS source, label, list(t ORDER BY t) AS t, [${lists.join(', ')}] AS v FROM (`,
    `  SELECT ${bucket} AS t, ${label} AS label, ${expressions.join(', ')}`,
    `  FROM ${name}${resolution.suffix}`,
    `  WHERE timestamp >= ${timestamp(range.from)} AND timestamp < ${timestamp(range.to)}${wanted}`,
    `  GROUP BY ALL`,
    ') GROUP BY label',
  ].join('\n');
}

/** Minimum, mean and maximum of a column within a bucket. */
function aggregates(table: string, column: string, rolled: boolean, perfIntervalMs: number): string[] {
  if (table === 'perf_events') {
    const ratio = PERF_RATIOS.find((candidate) => candidate.column === column);
    if (ratio !== undefined) {
      const sum = (event: string): string =>
        `sum(${rolled ? 'value_avg * samples' : 'value'}) FILTER (WHERE event = ${literal(event)})`;
      const mean = `${ratio.factor} * ${sum(ratio.numerator)} / nullif(${sum(ratio.denominator)}, 0)`;
      return [mean, mean, mean];
    }
    const perSecond = 1000 / perfIntervalMs;
    return aggregates('', 'value', rolled, perfIntervalMs).map((value) => `${perSecond} * ${value}`);
  }
  const c = quoted(column);
  if (!rolled) return [`min(${c})`, `avg(${c})`, `max(${c})`];
  const [min, avg, max] = ['min', 'avg', 'max'].map((side) => quoted(`${column}_${side}`));
  const mean = `sum(${avg} * samples) / sum(samples) FILTER (WHERE ${avg} IS NOT NULL)`;
  return [`min(${min})`, mean, `max(${max})`];
}

function timestamp(seconds: number): string {
  return `TIMESTAMPTZ '${new Date(Math.round(seconds * 1000)).toISOString()}'`;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
