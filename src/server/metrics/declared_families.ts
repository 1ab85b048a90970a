import type { CollectorModel, Entries, Places } from '../../model/collector.ts';
import type { Field, Fields } from '../../model/field.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { inBaseUnit } from './base_unit.ts';
import { type Family, familyOf, forEach, type Row, type Value } from './family.ts';
import { labelsOf } from './labels.ts';

/** Data whose declaration says what is in it. */
type Values = Readonly<Record<string, unknown>>;

/** The families a collector's declaration names, in the order of its fields; empty where it is not in a snapshot. */
export function declaredFamilies(model: CollectorModel): readonly Family<Snapshot>[] {
  const { name, fields, lists = {}, maps = {}, entries } = model;
  const dataOf = (snapshot: Snapshot): Values => recordOf(Reflect.get(snapshot, name));
  const isIn = (snapshot: Snapshot): boolean => Reflect.get(snapshot, name) !== undefined;
  return merged([
    ...forEach(
      (snapshot: Snapshot): Row<Values>[] => (isIn(snapshot) ? [['', dataOf(snapshot)]] : []),
      fieldFamilies(fields),
    ),
    ...Object.entries(lists).flatMap(([list, places]) =>
      listFamily(places, (snapshot) => dataOf(snapshot)[list]),
    ),
    ...Object.entries(maps).flatMap(([map, declared]) =>
      forEach(
        (snapshot: Snapshot) => rowsOf(declared, recordOf(dataOf(snapshot)[map])),
        fieldFamilies(declared.fields),
      ),
    ),
    ...(entries === undefined
      ? []
      : forEach((snapshot: Snapshot) => rowsOf(entries, dataOf(snapshot)), fieldFamilies(entries.fields))),
  ]);
}

/** Families of one name, which several fields share, as one: a family must stand in one piece. */
function merged<T>(families: readonly Family<T>[]): Family<T>[] {
  const byName = new Map<string, Family<T>[]>();
  for (const family of families) byName.set(family.name, [...(byName.get(family.name) ?? []), family]);
  return Array.from(byName.values(), (shares) => ({
    ...shares[0]!,
    read: (data, emit) => {
      for (const share of shares) share.read(data, emit);
    },
  }));
}

/** Of each field that has series of its own, in the entry of a map or in the collector's data. */
function fieldFamilies(fields: Fields): Family<Values>[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const { metric, meaning } = field;
    if (metric === undefined || metric.derived === true) return [];
    const labels = labelsOf(metric.labels ?? {});
    return familyOf<Values>(metric.name, metric.help ?? meaning, (row, emit) =>
      emit(labels, told(field, row[key] ?? metric.whenAbsent)),
    );
  });
}

/** A list has a series for each place that has a value. */
function listFamily({ label, field }: Places, listOf: (snapshot: Snapshot) => unknown): Family<Snapshot>[] {
  const { metric, meaning } = field;
  if (metric === undefined) return [];
  /** Of each place, since there are as many at every scrape. */
  const labels: string[] = [];
  const family = familyOf<Snapshot>(metric.name, metric.help ?? meaning, (snapshot, emit) => {
    const list = listOf(snapshot);
    if (!Array.isArray(list)) return;
    for (const [place, value] of list.entries()) {
      labels[place] ??= labelsOf({ [label]: String(place), ...metric.labels });
      emit(labels[place], told(field, value));
    }
  });
  return [family];
}

/** The entries of a map, with their texts that are labels, too. */
function rowsOf({ label, labels: texts = [] }: Entries, map: Values): Row<Values>[] {
  return Object.entries(map).map(([key, entry]): Row<Values> => {
    const row = recordOf(entry);
    const more = texts.map((text) => [text, String(row[text])]);
    return [labelsOf({ [label]: key, ...Object.fromEntries(more) }), row];
  });
}

function told({ unit }: Field, value: unknown): Value {
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' ? inBaseUnit(unit, value) : undefined;
}

function recordOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}
