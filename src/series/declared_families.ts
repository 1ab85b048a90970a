import type { CollectorModel, Entries, Places } from '../model/collector.ts';
import { type Fields, placeOf, valueIn } from '../model/field.ts';
import { latest } from './family.ts';
import { joined, type Labels, labelsOf, NO_LABELS } from './labels.ts';
import { type MeasuredFamily, measureOf, type Visit } from './measured_family.ts';

/** Data whose declaration says what is in it. */
type Values = Readonly<Record<string, unknown>>;

/** A row of fields, and what tells it from others. */
interface Entry {
  readonly labels: Labels;
  /** Its name; empty for what there is one of. */
  readonly name: string;
  readonly row: Values;
}

/** The families a collector's declaration names, in the order of its fields; empty where it is not in a snapshot. */
export function declaredFamilies(model: CollectorModel): readonly MeasuredFamily[] {
  const { name, fields, lists = {}, maps = {}, entries } = model;
  const dataOf = (snapshot: object): Values => recordOf(Reflect.get(snapshot, name));
  const isIn = (snapshot: object): boolean => Reflect.get(snapshot, name) !== undefined;
  return merged([
    ...fieldFamilies(fields, `${name}.`, (snapshot) =>
      isIn(snapshot) ? [{ labels: NO_LABELS, name: '', row: dataOf(snapshot) }] : [],
    ),
    ...Object.entries(lists).flatMap(([list, places]) =>
      listFamily(places, `${name}.${list}.`, (snapshot) => dataOf(snapshot)[list]),
    ),
    ...Object.entries(maps).flatMap(([map, declared]) =>
      fieldFamilies(declared.fields, `${name}.${map}.`, (snapshot) =>
        entriesOf(declared, recordOf(dataOf(snapshot)[map])),
      ),
    ),
    ...(entries === undefined
      ? []
      : fieldFamilies(entries.fields, `${name}.`, (snapshot) => entriesOf(entries, dataOf(snapshot)))),
  ]);
}

/** Families of one name, which several fields share, as one: a family must stand in one piece. */
function merged(families: readonly MeasuredFamily[]): MeasuredFamily[] {
  const byName = new Map<string, MeasuredFamily[]>();
  for (const family of families) byName.set(family.name, [...(byName.get(family.name) ?? []), family]);
  return Array.from(byName.values(), (shares) => ({
    ...shares[0]!,
    visit: (snapshot, visit) => {
      for (const share of shares) share.visit(snapshot, visit);
    },
  }));
}

/** Of each field that has series of its own, in every row there is. */
function fieldFamilies(
  fields: Fields,
  before: string,
  rows: (snapshot: object) => Iterable<Entry>,
): MeasuredFamily[] {
  const rowsOf = latest(rows);
  return Object.entries(fields).flatMap(([key, field]) => {
    const { metric, meaning } = field;
    if (metric === undefined || metric.derived === true) return [];
    const own = labelsOf(metric.labels ?? {});
    const place = placeOf(key, field).join('.');
    const measure = measureOf(field, (entry) => `${before}${entry === '' ? '' : `${entry}.`}${place}`);
    const visitRows = (snapshot: object, visit: Visit): void => {
      for (const { labels, name, row } of rowsOf(snapshot))
        visit(joined(labels, own), valueIn(row, key, field) ?? metric.whenAbsent, measure, name);
    };
    return [{ name: metric.name, help: metric.help ?? meaning, visit: visitRows }];
  });
}

/** A list has a series for each place that has a value. */
function listFamily(
  { label, field }: Places,
  before: string,
  listOf: (snapshot: object) => unknown,
): MeasuredFamily[] {
  const { metric, meaning } = field;
  if (metric === undefined) return [];
  const measure = measureOf(field, (place) => before + place);
  /** Of each place, since there are as many at every scrape. */
  const labels: Labels[] = [];
  const visitPlaces = (snapshot: object, visit: Visit): void => {
    const list = listOf(snapshot);
    if (!Array.isArray(list)) return;
    for (const [place, value] of list.entries()) {
      labels[place] ??= labelsOf({ [label]: String(place), ...metric.labels });
      visit(labels[place], value, measure, String(place));
    }
  };
  return [{ name: metric.name, help: metric.help ?? meaning, visit: visitPlaces }];
}

/** The entries of a map, with their texts that are labels, too. */
function entriesOf({ label, labels: texts = [] }: Entries, map: Values): Entry[] {
  return Object.entries(map).map(([name, entry]): Entry => {
    const row = recordOf(entry);
    const more = texts.map((text) => [text, String(row[text])]);
    return { labels: labelsOf({ [label]: name, ...Object.fromEntries(more) }), name, row };
  });
}

function recordOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}
