import type { CollectorModel, Entries } from '../../model/collector.ts';
import type { Field, Fields, MetricName } from '../../model/field.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { inBaseUnit } from './base_unit.ts';
import { type Emit, type Family, familyOf, type Row, type Value } from './family.ts';
import { joined, labelsOf } from './labels.ts';

/** One field of a declaration that has series, and where its values are in a snapshot. */
interface Source {
  readonly metric: MetricName;
  readonly meaning: string;
  read(snapshot: Snapshot, emit: Emit): void;
}

/** Data whose declaration says what is in it. */
type Values = Readonly<Record<string, unknown>>;

/** The families a collector's declaration names, in the order of its fields; empty where it is not in a snapshot. */
export function declaredFamilies(model: CollectorModel): readonly Family<Snapshot>[] {
  const families = new Map<string, Source[]>();
  for (const source of sourcesOf(model)) {
    const { name } = source.metric;
    const known = families.get(name);
    if (known === undefined) families.set(name, [source]);
    else known.push(source);
  }
  return Array.from(families, ([name, sources]) => {
    const [{ metric, meaning }] = sources as [Source];
    return familyOf<Snapshot>(name, metric.help ?? meaning, (snapshot, emit) => {
      for (const source of sources) source.read(snapshot, emit);
    });
  });
}

function* sourcesOf(model: CollectorModel): Iterable<Source> {
  const { name, fields, lists = {}, maps = {}, entries } = model;
  const dataOf = (snapshot: Snapshot): Values | undefined => recordOf(Reflect.get(snapshot, name));
  yield* fieldsOf(fields, (snapshot) => {
    const data = dataOf(snapshot);
    return data === undefined ? [] : [['', data]];
  });
  for (const [list, { label, field }] of Object.entries(lists)) {
    yield* placesOf(field, label, (snapshot) => dataOf(snapshot)?.[list]);
  }
  for (const [map, declared] of Object.entries(maps)) {
    yield* fieldsOf(
      declared.fields,
      entriesOf(declared, (snapshot) => recordOf(dataOf(snapshot)?.[map])),
    );
  }
  if (entries !== undefined) yield* fieldsOf(entries.fields, entriesOf(entries, dataOf));
}

/** The fields that have series, for every row there is. */
function* fieldsOf(fields: Fields, rowsOf: (snapshot: Snapshot) => readonly Row<Values>[]): Iterable<Source> {
  for (const [key, field] of Object.entries(fields)) {
    const { metric, meaning } = field;
    if (metric === undefined || metric.derived === true) continue;
    const own = labelsOf(metric.labels ?? {});
    yield {
      metric,
      meaning,
      read(snapshot, emit) {
        for (const [labels, row] of rowsOf(snapshot)) {
          emit(joined(labels, own), told(field, row[key] ?? metric.whenAbsent));
        }
      },
    };
  }
}

/** A list has a series for each place that has a value. */
function* placesOf(field: Field, label: string, listOf: (snapshot: Snapshot) => unknown): Iterable<Source> {
  const { metric, meaning } = field;
  if (metric === undefined) return;
  /** Of each place, since there are as many at every scrape. */
  const labels: string[] = [];
  yield {
    metric,
    meaning,
    read(snapshot, emit) {
      const list = listOf(snapshot);
      if (!Array.isArray(list)) return;
      for (const [place, value] of list.entries()) {
        labels[place] ??= labelsOf({ [label]: String(place), ...metric.labels });
        emit(labels[place], told(field, value));
      }
    },
  };
}

/** The rows of a map. Families are written one after the other from the same data; making labels is most of the work. */
function entriesOf(
  { label, labels: texts = [] }: Entries,
  mapOf: (snapshot: Snapshot) => Values | undefined,
): (snapshot: Snapshot) => readonly Row<Values>[] {
  let latest: { readonly map: Values; readonly rows: readonly Row<Values>[] } | undefined;
  return (snapshot) => {
    const map = mapOf(snapshot);
    if (map === undefined) return [];
    if (latest?.map !== map) {
      const rows = Object.entries(map).map(([key, entry]): Row<Values> => {
        const row = recordOf(entry) ?? {};
        const more = texts.map((text) => [text, String(row[text])]);
        return [labelsOf({ [label]: key, ...Object.fromEntries(more) }), row];
      });
      latest = { map, rows };
    }
    return latest.rows;
  };
}

function told({ unit }: Field, value: unknown): Value {
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' ? inBaseUnit(unit, value) : undefined;
}

function recordOf(value: unknown): Values | undefined {
  return typeof value === 'object' && value !== null ? (value as Values) : undefined;
}
