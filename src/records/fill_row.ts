import { CHARACTERS_PER_SLOT, fitsSlots, type Layout, type RecordLayout, TEXT_SLOTS } from './layout.ts';

/** The object is not of that layout; what was written so far means nothing. */
export const MISFIT = -1;

/**
 * Writes the values of an object into a row, from slot `at` on. Returns the slot behind the last one, or
 * {@link MISFIT} when the object has come to differ from the layout. Allocates nothing.
 */
export function fillRow(value: object, layout: RecordLayout, row: Float64Array, at: number): number {
  const { keys, values } = layout;
  let index = 0;
  let next = at;
  const entries: Record<string, unknown> = value as Record<string, unknown>;
  for (const key in entries) {
    const item = entries[key];
    if (item === undefined) continue;
    if (keys[index] !== key) return MISFIT;
    // Most values are numbers, which are not worth a call.
    if (typeof item === 'number') {
      if (values[index]!.kind !== 'number') return MISFIT;
      row[next++] = item;
    } else {
      next = fillValue(item, values[index]!, row, next);
      if (next === MISFIT) return MISFIT;
    }
    index++;
  }
  return index === keys.length ? next : MISFIT;
}

function fillValue(value: unknown, layout: Layout, row: Float64Array, at: number): number {
  switch (layout.kind) {
    case 'number':
      if (typeof value === 'number') row[at] = value;
      else if (value === null) row[at] = Number.NaN;
      else return MISFIT;
      return at + 1;
    case 'flag':
      if (typeof value !== 'boolean') return MISFIT;
      row[at] = value ? 1 : 0;
      return at + 1;
    case 'constant':
      return value === layout.text ? at : MISFIT;
    case 'text':
      return typeof value === 'string' && fitsSlots(value) ? fillText(value, row, at) : MISFIT;
    case 'list': {
      if (!Array.isArray(value) || value.length !== layout.items.length) return MISFIT;
      let next = at;
      for (let i = 0; i < value.length && next !== MISFIT; i++) {
        next = fillValue(value[i], layout.items[i]!, row, next);
      }
      return next;
    }
    case 'map':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return MISFIT;
      return fillRow(value, layout, row, at);
  }
}

function fillText(text: string, row: Float64Array, at: number): number {
  row[at] = text.length;
  const bytes = new Uint8Array(row.buffer, row.byteOffset + (at + 1) * CHARACTERS_PER_SLOT, text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return at + TEXT_SLOTS;
}
