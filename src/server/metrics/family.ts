import { joined, labelsOf } from './labels.ts';

/** What a series may be given: a flag is 1 or 0, what is missing makes no series. */
export type Value = number | boolean | null | undefined;

/** Takes one series of a family: its labels as {@link labelsOf} writes them, and its value. */
export type Emit = (labels: string, value: Value) => void;

/** Metrics of one name and one meaning, read from data of one kind. */
export interface Family<T> {
  readonly name: string;
  /** The lines before its series: what it means and of which type it is. */
  readonly declaration: string;
  read(data: T, emit: Emit): void;
}

/** Of the type its name says it is. */
export function familyOf<T>(name: string, help: string, read: Family<T>['read']): Family<T> {
  return { name, declaration: declare(name, name.endsWith('_total') ? 'counter' : 'gauge', help), read };
}

/** What only grows, until what it counts starts anew. */
export function counter<T>(name: `${string}_total`, help: string, value: (data: T) => Value): Family<T> {
  return familyOf(name, help, (data, emit) => emit('', value(data)));
}

/** What goes up and down. */
export function gauge<T>(name: string, help: string, value: (data: T) => Value): Family<T> {
  return familyOf(name, help, (data, emit) => emit('', value(data)));
}

function declare(name: string, type: 'counter' | 'gauge', help: string): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** Labels and what they tell apart. */
export type Row<R> = readonly [labels: string, row: R];

/** The families of a row, for every row there is; what labels a series of a row has come behind the row's own. */
export function forEach<T, R>(
  rows: (data: T) => Iterable<Row<R>>,
  families: readonly Family<R>[],
): readonly Family<T>[] {
  // Families are written one after the other from the same data; making labels is most of the work.
  let latest: { readonly data: T; readonly rows: readonly Row<R>[] } | undefined;
  const rowsOf = (data: T): readonly Row<R>[] => {
    if (latest?.data !== data) latest = { data, rows: [...rows(data)] };
    return latest.rows;
  };
  return families.map(({ name, declaration, read }) => ({
    name,
    declaration,
    read(data, emit) {
      for (const [labels, row] of rowsOf(data)) read(row, (own, value) => emit(joined(labels, own), value));
    },
  }));
}

/** The entries of a map, told apart by a label that has their key. */
export function rowsBy<R>(label: string, map: Readonly<Record<string, R>>): Row<R>[] {
  return Object.entries(map).map(([key, row]) => [labelsOf({ [label]: key }), row]);
}
