import { joined, type Labels, labelsOf, NO_LABELS } from './labels.ts';

/** What a series may be given: a flag is 1 or 0, what is missing makes no series. */
export type Value = number | boolean | null | undefined;

/** Takes one series of a family. */
export type Emit = (labels: Labels, value: Value) => void;

export type FamilyType = 'counter' | 'gauge';

/** Metrics of one name and one meaning, read from data of one kind. */
export interface Family<T> {
  readonly name: string;
  readonly help: string;
  read(data: T, emit: Emit): void;
}

/** The type a family's name says it is of. */
export function typeOf(name: string): FamilyType {
  return name.endsWith('_total') ? 'counter' : 'gauge';
}

/** What only grows, until what it counts starts anew. */
export function counter<T>(name: `${string}_total`, help: string, value: (data: T) => Value): Family<T> {
  return { name, help, read: (data, emit) => emit(NO_LABELS, value(data)) };
}

/** What goes up and down. */
export function gauge<T>(name: string, help: string, value: (data: T) => Value): Family<T> {
  return { name, help, read: (data, emit) => emit(NO_LABELS, value(data)) };
}

/** Labels and what they tell apart. */
export type Row<R> = readonly [labels: Labels, row: R];

/** The families of a row, for every row there is; what labels a series of a row has come behind the row's own. */
export function forEach<T, R>(
  rows: (data: T) => Iterable<Row<R>>,
  families: readonly Family<R>[],
): readonly Family<T>[] {
  const rowsOf = latest(rows);
  return families.map(({ name, help, read }) => ({
    name,
    help,
    read(data, emit) {
      for (const [labels, row] of rowsOf(data)) read(row, (own, value) => emit(joined(labels, own), value));
    },
  }));
}

/**
 * The same rows for the same data: families are read one after the other from the same, and making labels is most of
 * the work.
 */
export function latest<T, R>(rows: (data: T) => Iterable<R>): (data: T) => readonly R[] {
  let known: { readonly data: T; readonly rows: readonly R[] } | undefined;
  return (data) => {
    if (known?.data !== data) known = { data, rows: [...rows(data)] };
    return known.rows;
  };
}

/** The entries of a map, told apart by a label that has their key. */
export function rowsBy<R>(label: string, map: Readonly<Record<string, R>>): Row<R>[] {
  return Object.entries(map).map(([key, row]) => [labelsOf({ [label]: key }), row]);
}
