import type { Band } from '../data/buckets.ts';
import type { Format } from '../words/format.ts';

/** The values from the lower to the upper edge of a chart. */
export interface ValueRange {
  readonly from: number;
  readonly to: number;
}

/** Room above and below what an automatic axis holds, as a share of it. */
const AUTO_ROOM = 0.08;

/** The highest sample of lines among the buckets from `first` to `last`. */
export function highestOf(bands: readonly Band[], first: number, last: number): number {
  let most = 0;
  for (const { max } of bands) {
    for (let i = first; i <= last; i++) most = Math.max(most, max[i] ?? 0);
  }
  return most;
}

/** The highest sum of layers, or the highest sample of what they are layers of. */
export function highestStackOf(
  bands: readonly Band[],
  peaks: Band | undefined,
  first: number,
  last: number,
): number {
  let most = 0;
  for (let i = first; i <= last; i++) {
    const sum = bands.reduce((below, { avg }) => below + (avg[i] ?? 0), 0);
    most = Math.max(most, sum, peaks?.max[i] ?? 0);
  }
  return most;
}

export function lowestOf(bands: readonly Band[], first: number, last: number, highest: number): number {
  let least = highest;
  for (const { min } of bands) {
    for (let i = first; i <= last; i++) least = Math.min(least, min[i] ?? least);
  }
  return least;
}

/** What an automatic axis shows, so that values from the lowest to the highest fill it. */
export function fitted(lowest: number, highest: number): ValueRange {
  const room = (highest - lowest || Math.max(highest, 1) * 0.1) * AUTO_ROOM;
  return { from: Math.max(lowest - room, 0), to: highest + room };
}

/** Marks that would read the same are told by how much more they are than the lowest. */
export function valueLabels(marks: readonly number[], format: Format): string[] {
  const labels = marks.map(format);
  const [lowest = 0] = marks;
  if (new Set(labels).size === labels.length) return labels;
  return labels.map((label, index) => (index === 0 ? label : `+${format(marks[index]! - lowest)}`));
}
