import { metricKey } from '../data/metric.ts';
import type { Format } from '../words/format.ts';
import type { LegendEntry } from './legend.ts';

/** How the second and third line of a chart differ from the first where colours do not tell. */
export const DASHED = [4, 3] as const;
export const DOTTED = [1, 2] as const;

/** A column of a table without labels, as a legend names it. */
export function entry(
  table: string,
  column: string,
  label: string,
  format: Format,
  drawn: Pick<LegendEntry, 'color' | 'dash' | 'hint'> = {},
): LegendEntry {
  return { key: metricKey(table, column), label, format, ...drawn };
}

const COLORS = 8;

/** The colour of one of several things of a kind, in the order in which they were chosen. */
export function colorOf(index: number): string {
  return `series-${(index % COLORS) + 1}`;
}
