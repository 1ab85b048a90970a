import { isCollectorName } from '../../model/collectors.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { outlineOf } from '../../records/outline.ts';
import { type Outline, Slot } from '../../records/slot.ts';
import { textAt } from '../../records/unpack.ts';
import { MEASURED_FAMILIES } from '../../series/families.ts';
import type { Labels } from '../../series/labels.ts';
import type { Measure } from '../../series/measured_family.ts';

/** A series of every snapshot of one layout: what makes its number of the row. */
export interface PlannedSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly measure: Measure;
  readonly path: string;
  /** Of its number in the row. */
  readonly slot: number;
  /** Of what that is divided by; none for -1. */
  readonly per: number;
}

/** A text that a plan has taken for what it was: with another, the plan is another. */
interface KnownText {
  readonly slot: number;
  readonly text: string;
}

export interface SeriesPlan {
  readonly series: readonly PlannedSeries[];
  readonly texts: readonly KnownText[];
}

const NONE = -1;

/** Which series the snapshots of a layout have that has these texts in its rows, and where their numbers stand. */
export function planSeries(layout: RecordLayout, row: Float64Array): SeriesPlan {
  const texts: KnownText[] = [];
  const outline = withTexts(outlineOf(layout), row, texts);
  const series: PlannedSeries[] = [];
  const seen = new Set<string>();
  for (const { name, visit } of MEASURED_FAMILIES) {
    visit(outline, (labels, value, measure, entry, per) => {
      if (!(value instanceof Slot)) return;
      // Two names can be one when they are written down; a series may not be there twice.
      const key = name + labels.text;
      if (seen.has(key)) return;
      seen.add(key);
      const divisor = per instanceof Slot ? per.index : NONE;
      if (per !== undefined && divisor === NONE) return;
      series.push({ name, labels, measure, path: measure.path(entry), slot: value.index, per: divisor });
    });
  }
  return { series, texts };
}

/** Whether a plan is that of this row. */
export function isPlanOf({ texts }: SeriesPlan, row: Float64Array): boolean {
  return texts.every(({ slot, text }) => textAt(row, slot) === text);
}

/** A text of a row that a plan may take for a label, and then is of this text only. */
class TextInRow {
  readonly #known: KnownText;
  readonly #taken: KnownText[];

  constructor(slot: number, text: string, taken: KnownText[]) {
    this.#known = { slot, text };
    this.#taken = taken;
  }

  toString(): string {
    this.#taken.push(this.#known);
    return this.#known.text;
  }
}

/** The outline with the texts of built-in collectors as the row has them; those that are made labels are noted. */
function withTexts(outline: Outline, row: Float64Array, taken: KnownText[]): Outline {
  const resolve = (value: unknown): unknown => {
    if (value instanceof Slot)
      return value.kind === 'text' ? new TextInRow(value.index, textAt(row, value.index), taken) : value;
    if (Array.isArray(value)) return value.map(resolve);
    return typeof value === 'object' && value !== null ? resolveMap(value, () => true) : value;
  };
  const resolveMap = (map: object, isWanted: (key: string) => boolean): Outline => {
    const resolved = {};
    for (const [key, value] of Object.entries(map)) {
      const own = isWanted(key) ? resolve(value) : value;
      Object.defineProperty(resolved, key, { value: own, enumerable: true });
    }
    return resolved;
  };
  return resolveMap(outline, isCollectorName);
}
