/**
 * How the values of a plain object lie in a row of numbers. What seldom changes (the names, and most texts) is in
 * the layout; what changes with every tick is in the row. Whoever has both has the object.
 */
export type Layout =
  /** One slot. `null` is NaN, which no measurement is. */
  | { readonly kind: 'number' }
  /** One slot, 0 or 1. */
  | { readonly kind: 'flag' }
  /** A text that has not changed yet: no slot. */
  | { readonly kind: 'constant'; readonly text: string }
  /** A text that has: its length in characters, then eight characters a slot, ASCII only. */
  | { readonly kind: 'text' }
  | { readonly kind: 'list'; readonly items: readonly Layout[] }
  | { readonly kind: 'map'; readonly keys: readonly string[]; readonly values: readonly Layout[] };

/** A layout of an object, as opposed to one of a value in it. */
export type RecordLayout = Extract<Layout, { kind: 'map' }>;

/** An object as its layout and its row. The row is never changed again. */
export interface PackedRecord {
  readonly layout: RecordLayout;
  readonly row: Float64Array;
}

export const CHARACTERS_PER_SLOT = 8;
const MOST_TEXT_SLOTS = 4;
/** The longest text that can lie in slots. */
export const MOST_TEXT_CHARACTERS = MOST_TEXT_SLOTS * CHARACTERS_PER_SLOT;
/** What a text that changes takes: its length and its characters. */
export const TEXT_SLOTS = 1 + MOST_TEXT_SLOTS;

const NUMBER: Layout = { kind: 'number' };
const FLAG: Layout = { kind: 'flag' };
const TEXT: Layout = { kind: 'text' };

/**
 * The layout of an object of JSON values. A key whose value is undefined is not there.
 *
 * @param previous the layout that did not fit any more: a text that differs from it will change again
 * @throws TypeError for what is no JSON value
 */
export function layoutOf(value: object, previous?: Layout): RecordLayout {
  const before = previous?.kind === 'map' ? previous : undefined;
  const keys: string[] = [];
  const values: Layout[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const index = before?.keys.indexOf(key) ?? -1;
    keys.push(key);
    values.push(valueLayout(item, before?.values[index]));
  }
  return { kind: 'map', keys, values };
}

function valueLayout(value: unknown, before: Layout | undefined): Layout {
  switch (typeof value) {
    case 'number':
      return NUMBER;
    case 'boolean':
      return FLAG;
    case 'string': {
      const changes = before?.kind === 'text' || (before?.kind === 'constant' && before.text !== value);
      return changes && fitsSlots(value) ? TEXT : { kind: 'constant', text: value };
    }
    case 'object': {
      if (value === null) return NUMBER;
      if (!Array.isArray(value)) return layoutOf(value, before);
      const items = before?.kind === 'list' ? before.items : [];
      return { kind: 'list', items: value.map((item: unknown, index) => valueLayout(item, items[index])) };
    }
    default:
      throw new TypeError(`a ${typeof value} is no value of a snapshot`);
  }
}

/** Whether a text can lie in slots. */
export function fitsSlots(text: string): boolean {
  if (text.length > MOST_TEXT_CHARACTERS) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Slots a row of this layout has. */
export function slotsOf(layout: Layout): number {
  switch (layout.kind) {
    case 'number':
    case 'flag':
      return 1;
    case 'constant':
      return 0;
    case 'text':
      return TEXT_SLOTS;
    case 'list':
      return layout.items.reduce((sum, item) => sum + slotsOf(item), 0);
    case 'map':
      return layout.values.reduce((sum, value) => sum + slotsOf(value), 0);
  }
}
