import { type PackedRecord, type RecordLayout, slotsOf } from './layout.ts';

/** Records under their names, which together make up one. */
export type Parts = ReadonlyMap<string, PackedRecord>;

/** Layouts that take turns, as when a collector is late now and then, under one layout of the last part. */
const MOST_LAYOUTS = 256;

/**
 * Hash-consing: parts of the same layouts always have the same layout together. Filed under the layout of the last
 * part, which for a snapshot is `sampling`, another one for every set of collectors that deliver.
 */
const layouts = new WeakMap<RecordLayout, RecordLayout[]>();
const NO_PARTS: RecordLayout = { kind: 'map', keys: [], values: [] };

/** The layout of all parts together: the same object for parts of the same names and layouts. */
export function layoutOfParts(parts: Parts): RecordLayout {
  let last: RecordLayout | undefined;
  for (const { layout } of parts.values()) last = layout;
  if (last === undefined) return NO_PARTS;
  let known = layouts.get(last);
  if (known === undefined || known.length === MOST_LAYOUTS) {
    known = [];
    layouts.set(last, known);
  }
  for (let i = 0; i < known.length; i++) if (fits(known[i]!, parts)) return known[i]!;
  const layout: RecordLayout = {
    kind: 'map',
    keys: [...parts.keys()],
    values: [...parts.values()].map((part) => part.layout),
  };
  known.unshift(layout);
  return layout;
}

function fits({ keys, values }: RecordLayout, parts: Parts): boolean {
  if (keys.length !== parts.size) return false;
  let i = 0;
  for (const [name, { layout }] of parts) {
    if (values[i] !== layout || keys[i] !== name) return false;
    i++;
  }
  return true;
}

/** Slots the rows of all parts take. */
export function slotsOfParts(parts: Parts): number {
  let slots = 0;
  for (const { row } of parts.values()) slots += row.length;
  return slots;
}

/** Writes the rows of all parts into a row, from slot `at` on; returns the slot behind them. */
export function writeParts(parts: Parts, row: Float64Array, at: number): number {
  let next = at;
  for (const part of parts.values()) {
    row.set(part.row, next);
    next += part.row.length;
  }
  return next;
}

/** One record of all parts. */
export function joinParts(parts: Parts): PackedRecord {
  const row = new Float64Array(slotsOfParts(parts));
  writeParts(parts, row, 0);
  return { layout: layoutOfParts(parts), row };
}

/** Of each layout that was split, the slot behind each part. */
const ends = new WeakMap<RecordLayout, readonly number[]>();

/** The parts of a record, which share its row; undefined when it holds anything but maps. */
export function splitParts({ layout, row }: PackedRecord): Map<string, PackedRecord> | undefined {
  let behind = ends.get(layout);
  if (behind === undefined) {
    let at = 0;
    behind = layout.values.map((part) => {
      at += slotsOf(part);
      return at;
    });
    ends.set(layout, behind);
  }
  const parts = new Map<string, PackedRecord>();
  let at = 0;
  for (let i = 0; i < behind.length; i++) {
    const part = layout.values[i]!;
    if (part.kind !== 'map') return undefined;
    parts.set(layout.keys[i]!, { layout: part, row: row.subarray(at, behind[i]) });
    at = behind[i]!;
  }
  return parts;
}
