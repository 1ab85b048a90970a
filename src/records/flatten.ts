import type { FieldPath } from '../model/field_at.ts';
import { type Layout, type RecordLayout, slotsOf } from './layout.ts';

/** What a value in a row is, and with it how many slots it takes. */
export type ValueKind = Exclude<Layout['kind'], 'constant' | 'list' | 'map'>;

/** A value that changes: what it is, where in the object, and in which slot of the row it begins. */
export interface FlatValue {
  readonly kind: ValueKind;
  readonly path: FieldPath;
  readonly slot: number;
}

/** What is the same in every object: texts, and lists and maps with nothing in them. */
export type FlatConstant = readonly [path: FieldPath, value: string | never[] | Record<string, never>];

/** A layout as a list of its values, in the order of their slots, and of all that takes no slot. */
export interface FlatLayout {
  readonly values: readonly FlatValue[];
  readonly constants: readonly FlatConstant[];
}

export function flatten(layout: RecordLayout): FlatLayout {
  const values: FlatValue[] = [];
  const constants: FlatConstant[] = [];
  let slot = 0;
  const visit = (part: Layout, path: FieldPath): void => {
    switch (part.kind) {
      case 'constant':
        constants.push([path, part.text]);
        break;
      case 'list':
        if (part.items.length === 0) constants.push([path, []]);
        for (const [index, item] of part.items.entries()) visit(item, [...path, index]);
        break;
      case 'map':
        if (part.keys.length === 0) constants.push([path, {}]);
        for (const [index, key] of part.keys.entries()) visit(part.values[index]!, [...path, key]);
        break;
      default:
        values.push({ kind: part.kind, path, slot });
        slot += slotsOf(part);
    }
  };
  for (const [index, key] of layout.keys.entries()) visit(layout.values[index]!, [key]);
  return { values, constants };
}
