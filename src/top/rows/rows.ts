import { bar } from '../drawing/bar.ts';
import type { Glyphs } from '../drawing/glyphs.ts';
import { fitted, wrapped } from '../drawing/plain_text.ts';
import { sparkline } from '../drawing/sparkline.ts';
import { fillStyle, STYLE, type Style } from '../drawing/style.ts';
import { NOT_AVAILABLE, percent } from '../figures/format.ts';
import { largest, type Series } from '../figures/recent.ts';
import { peaksOf } from '../figures/series_of.ts';
import type { ValueIn } from '../view/past.ts';
import type { View } from '../view/view.ts';
import { RANK, type Row } from './panel.ts';

export const LABEL_CELLS = 10;
const VALUE_CELLS = 10;
export const CHART_FROM = LABEL_CELLS + VALUE_CELLS + 1;
const TAIL_CELLS = 15;
/** A chart narrower than this tells nothing; the tail gives way to it. */
const NARROWEST_CHART = 12;

/** A label with what stands behind it. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly style?: Style;
}

export interface ChartRow {
  readonly label: string;
  /** The value now, formatted. */
  readonly value: string;
  readonly series: Series | ValueIn;
  /** How the peak of the time shown is written. */
  readonly format: (value: number) => string;
  /** The value a full column stands for; by default the peak of the time shown. */
  readonly top?: number;
  readonly style: Style;
  readonly rank: number;
  readonly grows?: number;
  /** What stands at the end instead of the peak. */
  readonly tail?: string;
  /** Why the value is not known, in at most fifteen cells. */
  readonly missing?: string;
}

/** Label, value, the recent past as a chart, and its peak, which is what the chart's height stands for. */
export function chartRow(view: View, row: ChartRow): Row {
  return {
    rank: row.rank,
    grows: row.grows ?? 0,
    draw(region) {
      region.text(0, 0, fitted(row.label, LABEL_CELLS, ''));
      const missing = row.value.trim() === NOT_AVAILABLE;
      region.text(LABEL_CELLS, 0, row.value.padStart(VALUE_CELLS), missing ? STYLE.faint : STYLE.value);
      const withTail = region.width - CHART_FROM - 1 - TAIL_CELLS >= NARROWEST_CHART;
      const cells = Math.max(0, region.width - CHART_FROM - (withTail ? TAIL_CELLS + 1 : 0));
      const endMs = view.moment?.timeMs ?? Number.NaN;
      const values = valuesOf(view, row.series, endMs, cells);
      const peak = largest(values);
      const lines = sparkline(values, row.top ?? peak, region.height, view.glyphs);
      for (const [line, text] of lines.entries()) region.text(CHART_FROM, line, text, row.style);
      if (!withTail) return;
      const past = row.tail ?? (Number.isNaN(peak) ? '' : `peak ${row.format(peak).trim()}`);
      const tail = missing ? (row.missing ?? 'not known yet') : past;
      region.text(region.width - TAIL_CELLS, 0, tail.padEnd(TAIL_CELLS), STYLE.faint);
    },
  };
}

/** The largest value of each column. What nobody is shown live is kept in fewer moments, but further back. */
function valuesOf(view: View, series: Series | ValueIn, endMs: number, cells: number): Float64Array {
  const { recent, past, columnMs } = view;
  if (typeof series !== 'string') return past.columns(series, endMs, columnMs, cells);
  const isFar = view.agoMs !== undefined && endMs - cells * columnMs < recent.oldestMs;
  if (!isFar) return recent.columns(series, endMs, columnMs, cells);
  return past.columns((moment) => moment.series[series], endMs, columnMs, cells);
}

/** A chart of one field of an item, from what is kept of the past. */
export function itemChartRow(
  view: View,
  label: string,
  data: object,
  [collector, map, name, field]: readonly [string, string, string, string],
  format: (value: number | null | undefined) => string,
  style: Style,
  more: Partial<Pick<ChartRow, 'top' | 'rank'>> = {},
): Row {
  return chartRow(view, {
    label,
    value: format(numberAt(data, field)),
    series: ({ snapshot }) =>
      peaksOf(snapshot)(numberAt(snapshot, collector, map, name, field), collector, map, name, field),
    format,
    style,
    rank: RANK.essential,
    grows: 6,
    ...more,
  });
}

function numberAt(data: unknown, ...path: string[]): number | undefined {
  let found = data;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return typeof found === 'number' ? found : undefined;
}

export interface GaugeRow {
  readonly label: string;
  readonly percent: number;
  /** What stands behind the bar. */
  readonly text: string;
  readonly rank: number;
  readonly labelCells?: number;
  readonly item?: boolean;
  /** What it is chosen by, where it can be shown alone. */
  readonly name?: string;
}

/** How full something is. Nearly full is red, and says so with a mark besides. */
export function gaugeRow({ glyphs }: View, row: GaugeRow): Row {
  const labelCells = row.labelCells ?? LABEL_CELLS;
  return {
    rank: row.rank,
    item: row.item ?? false,
    ...(row.name !== undefined && { name: row.name }),
    draw(region) {
      const style = fillStyle(row.percent);
      region.text(0, 0, fitted(row.label, labelCells - 1, glyphs.ellipsis));
      const from = labelCells + VALUE_CELLS;
      region.text(labelCells, 0, percent(row.percent).padStart(VALUE_CELLS), STYLE.value);
      if (style === STYLE.bad) region.text(from - 9, 0, '!', style);
      const cells = region.width - from - 1 - row.text.length - 2;
      if (cells >= 4) {
        region.text(from, 0, glyphs.open, STYLE.faint);
        region.text(from + 1, 0, bar(row.percent, cells, glyphs), style);
        region.text(from + 1 + cells, 0, glyphs.close, STYLE.faint);
      }
      if (region.width >= from + row.text.length + 1) region.textRight(0, row.text);
    },
  };
}

/** Labels with values, as many as fit. */
export function figuresRow(rank: number, figures: readonly Figure[]): Row {
  return {
    rank,
    draw(region) {
      let x = 0;
      for (const { label, value, style } of figures) {
        const length = label.length + (label === '' ? 0 : 1) + value.length;
        if (x + length > region.width) return;
        if (label !== '') x = region.text(x, 0, label) + 1;
        const missing = value.trim().startsWith(NOT_AVAILABLE);
        x = region.text(x, 0, value, style ?? (missing ? STYLE.faint : STYLE.value)) + 2;
      }
    },
  };
}

/** Labels with values in as many lines as they take, the first of one rank, the others of another. */
export function figureRows(first: number, others: number, figures: readonly Figure[], width: number): Row[] {
  const lines: Figure[][] = [];
  let room = 0;
  for (const figure of figures) {
    const length = figure.label.length + 1 + figure.value.length;
    if (lines.length === 0 || length > room) {
      lines.push([]);
      room = width;
    }
    lines.at(-1)!.push(figure);
    room -= length + 2;
  }
  return lines.map((line, index) => figuresRow(index === 0 ? first : others + index / 100, line));
}

/** A sentence, in as many lines as it takes; half a sentence is never shown. */
export function sentenceRow(rank: number, text: string, style: Style, width: number): Row {
  const lines = wrapped(text, width);
  return {
    rank,
    lines: Math.max(1, lines.length),
    draw(region) {
      for (const [line, words] of lines.entries()) region.text(0, line, words, style);
    },
  };
}

/** Says that a figure cannot be had, and why. */
export function missingRow(rank: number, label: string, why: string, width: number): Row {
  const indent = label === '' ? 0 : LABEL_CELLS;
  const sentence = sentenceRow(rank, `${NOT_AVAILABLE}: ${why}`, STYLE.faint, width - indent);
  return {
    ...sentence,
    draw(region) {
      region.text(0, 0, label);
      sentence.draw(region.part(indent, 0));
    },
  };
}

/** The widest share of a line that names of a list may take. */
export function nameCells(names: readonly string[], widest: number): number {
  return Math.min(widest, Math.max(LABEL_CELLS, ...names.map((name) => name.length + 2)));
}

/** The name of one of a list, with a mark when it is part of the total above. */
export function nameCell(name: string, inTotal: boolean, cells: number, { ellipsis }: Glyphs): string {
  const room = cells - (inTotal ? 2 : 1);
  return `${fitted(name, Math.min(room, [...name].length), ellipsis)}${inTotal ? '*' : ''}`.padEnd(cells);
}
