import type { CollectorModel } from './collector.ts';
import { ALL_MODELS } from './collectors.ts';
import { type Field, type Fields, placeOf } from './field.ts';

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
  return beside === undefined ? innerField(model, path) : own(beside, last ?? '');
}

/** A field of the collector's own that stands in an object with others. */
function innerField({ fields }: CollectorModel, path: FieldPath): Field | undefined {
  const wanted = path.join('.');
  return Object.entries<Field>(fields).find(
    ([name, field]) => placeOf(name, field).join('.') === wanted,
  )?.[1];
}

/** What a table of SQL holds. */
export interface TableFacts {
  readonly collector: string;
  /** The column that tells the rows of one snapshot apart; undefined where there is one row. */
  readonly label: string | undefined;
  /** Its columns, as they are declared. */
  readonly fields: Fields;
}

/** Every table of the built-in collectors, by its name. */
export const TABLE_FACTS: ReadonlyMap<string, TableFacts> = new Map(ALL_MODELS.flatMap(tablesOf));

function tablesOf({
  name,
  table,
  fields,
  lists = {},
  maps = {},
  entries,
}: CollectorModel): [string, TableFacts][] {
  const facts: [string, TableFacts][] = [];
  const add = (to: string | undefined, label: string | undefined, columns: Fields): void => {
    if (to !== undefined) facts.push([to, { collector: name, label, fields: columns }]);
  };
  add(table, undefined, fields);
  const places = Object.values(lists);
  for (const to of new Set(places.map((list) => list.table))) {
    const beside = places.filter((list) => list.table === to);
    add(to, beside[0]?.label, Object.fromEntries(beside.map(({ column, field }) => [column, field])));
  }
  for (const map of [...Object.values(maps), ...(entries === undefined ? [] : [entries])]) {
    add(map.table, map.label, map.fields);
  }
  return facts;
}

/** Entries may be called anything, and so may what is looked for. */
function own<T>(from: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return from !== undefined && Object.hasOwn(from, key) ? from[key] : undefined;
}
