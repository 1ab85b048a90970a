import type { QueryResult } from '../../client/query.ts';
import { type Band, emptyBand } from '../data/buckets.ts';
import { Chart } from '../drawing/chart.ts';
import type { Theme } from '../drawing/theme.ts';
import { TimeSurface } from '../drawing/time_surface.ts';
import { element } from '../view/element.ts';
import { SharedCursor } from '../view/shared_cursor.ts';
import { ViewState } from '../view/view_state.ts';
import { plain } from '../words/format.ts';

const COLORS = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'];
const DASHES: readonly (readonly number[] | undefined)[] = [
  undefined,
  [4, 3],
  [1, 2],
  [6, 2, 1, 2],
  undefined,
];

/** Rows of a result over their own time. */
export interface ResultChart {
  readonly root: HTMLElement;
  draw(): void;
}

/** A chart of a result that has a column of time and numbers beside it; undefined when it has not. */
export function resultChart(result: QueryResult, theme: Theme): ResultChart | undefined {
  const time = timeColumn(result);
  if (time === -1) return undefined;
  const numeric = result.columns.flatMap(({ name }, index) =>
    index !== time && result.rows.some((row) => typeof row[index] === 'number') ? [{ name, index }] : [],
  );
  const rows = result.rows
    .map((row) => ({ row, at: Date.parse(String(row[time])) / 1000 }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at);
  if (rows.length < 2 || numeric.length === 0) return undefined;
  const shown = numeric.slice(0, COLORS.length);
  const series = shown.map(({ name }, index) => {
    const dash = DASHES[index];
    return { key: name, color: COLORS[index]!, ...(dash !== undefined && { dash }) };
  });
  const bands = new Map<string, Band>();
  const drawn = withGaps(rows);
  for (const { name, index } of shown) {
    const band = emptyBand();
    for (const { row } of drawn) {
      const value = row?.[index];
      const number = typeof value === 'number' ? value : null;
      for (const side of [band.min, band.avg, band.max]) side.push(number);
    }
    bands.set(name, band);
  }
  const from = rows[0]!.at;
  const to = rows.at(-1)!.at;
  const range = to > from ? { from, to } : { from: from - 1, to: to + 1 };
  const view = new ViewState('', () => to);
  view.show(range);
  const cursor = new SharedCursor(view);
  const chart = new Chart({ kind: 'lines', series, format: plain }, theme, new TimeSurface(view, cursor));
  const times = drawn.map(({ at }) => at);
  const draw = (): void => {
    chart.resize();
    chart.draw({ times, width: (range.to - range.from) / times.length, bands }, { range: view.range });
  };
  view.onChange(draw);
  const legend = series.map(({ key, color, dash }) =>
    element('span', {}, element('i', { class: `mark ${color}${dash === undefined ? '' : ' dashed'}` }), key),
  );
  const left = numeric.length - shown.length;
  if (left > 0) legend.push(element('span', {}, `and ${left} more in the table`));
  const root = element('figure', { class: 'result-chart' }, element('figcaption', {}, ...legend), chart.root);
  return { root, draw };
}

interface TimedRow {
  readonly at: number;
  /** Undefined in a gap. */
  readonly row: readonly unknown[] | undefined;
}

const GAP_FACTOR = 2.5;
const REGULAR_SHARE = 0.8;

/** Where rows come at a steady pace, a stretch without any is a gap; where they come as they may, there are none. */
function withGaps(rows: readonly TimedRow[]): TimedRow[] {
  const distances = rows.slice(1).map(({ at }, index) => at - rows[index]!.at);
  const typical = [...distances].sort((a, b) => a - b)[distances.length >> 1] ?? 0;
  const regular = distances.filter((distance) => Math.abs(distance - typical) <= typical / 2).length;
  if (regular < distances.length * REGULAR_SHARE) return [...rows];
  return rows.flatMap((row, index) => {
    const before = distances[index - 1];
    if (before === undefined || before <= typical * GAP_FACTOR) return [row];
    return [{ at: row.at - before / 2, row: undefined }, row];
  });
}

/** Index of the first column that is a moment, or -1. */
export function timeColumn({ columns }: Pick<QueryResult, 'columns'>): number {
  return columns.findIndex(({ type }) => /^(TIMESTAMP|DATE)/.test(type));
}
