import type { Field, Fields, ValuesOf } from './field.ts';

/** Entries told apart by a name: interfaces, devices, events. */
export interface Entries<F extends Fields = Fields> {
  /** What tells them apart, as the label of a series and the column of a table are called. */
  readonly label: string;
  readonly meaning: string;
  /** The table with a row for each; absent when they are not recorded. */
  readonly table?: string;
  /** Text fields that are labels of every series, too. */
  readonly labels?: readonly string[];
  /** Fields of the collector that are columns of every row, too, behind the others. */
  readonly shared?: readonly string[];
  readonly fields: F;
}

/** Values told apart by their place, such as one for each core. */
export interface Places<V = unknown> {
  readonly label: string;
  readonly meaning: string;
  readonly table: string;
  /** What a value is called in SQL. */
  readonly column: string;
  readonly field: Field<V>;
}

/** All there is to know of a collector's data. */
export interface CollectorModel<
  F extends Fields = Fields,
  M extends Readonly<Record<string, Entries>> = Readonly<Record<string, Entries>>,
> {
  readonly name: string;
  readonly meaning: string;
  /** Where its fields are read, unless a field says otherwise. */
  readonly source: string;
  /** Whether it runs only where it is asked for. */
  readonly onRequest?: true;
  /** The table its own fields are columns of; absent when it has none. */
  readonly table?: string;
  /** Fields of the snapshot itself that are columns of the same table, before the others. */
  readonly beside?: Fields;
  readonly fields: F;
  /** Maps by name of entry. */
  readonly maps?: M;
  /** Lists by place. */
  readonly lists?: Readonly<Record<string, Places>>;
  /** Entries that stand beside the fields, under names known beforehand. */
  readonly entries?: Entries & { readonly names: readonly string[] };
}

/** Declares a collector; what is declared keeps its own type. */
export function collector<const C extends CollectorModel>(model: C): C {
  return model;
}

type MapsOf<C> = C extends { readonly maps: infer M extends Readonly<Record<string, Entries>> }
  ? { [N in keyof M]: Record<string, ValuesOf<M[N]['fields']>> }
  : object;

type ListsOf<C> = C extends { readonly lists: infer L extends Readonly<Record<string, Places>> }
  ? { [N in keyof L]: (number | null)[] }
  : object;

type EntriesOf<C> = C extends {
  readonly entries: infer E extends Entries & { readonly names: readonly string[] };
}
  ? { [N in E['names'][number]]?: ValuesOf<E['fields']> }
  : object;

/** The same type, written out: a hint in an editor shows fields, not how they came about. */
type Plain<T> = { -readonly [N in keyof T]: T[N] };

/** The data a collector delivers. */
export type DataOf<C extends CollectorModel> = Plain<
  ValuesOf<C['fields']> & MapsOf<C> & ListsOf<C> & EntriesOf<C>
>;
