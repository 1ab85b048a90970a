import type { CollectorModel } from './collector.ts';
import type { Field, Fields } from './field.ts';

/** Names from a collector's data down, and numbers for places in lists. */
export type FieldPath = readonly (string | number)[];

/** The declared fields that stand beside each other at such a place; undefined where none are declared. */
export function fieldsAt(model: CollectorModel, path: FieldPath): Fields | undefined {
  const [part = '', , ...deeper] = path;
  if (path.length === 0) return model.fields;
  if (deeper.length > 0) return undefined;
  if (path.length === 2) return own(model.maps, String(part))?.fields;
  return model.entries?.names.includes(String(part)) ? model.entries.fields : undefined;
}

/** The declaration of the value at a path; undefined for what is not declared. */
export function fieldAt(model: CollectorModel, path: FieldPath): Field | undefined {
  const last = path.at(-1);
  if (typeof last === 'number')
    return path.length === 2 ? own(model.lists, String(path[0]))?.field : undefined;
  const beside = last === undefined ? undefined : fieldsAt(model, path.slice(0, -1));
  return beside === undefined ? undefined : own(beside, last ?? '');
}

/** Entries may be called anything, and so may what is looked for. */
function own<T>(from: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return from !== undefined && Object.hasOwn(from, key) ? from[key] : undefined;
}
