import type { CollectorModel, Places } from '../../model/collector.ts';
import { ALL_MODELS } from '../../model/collectors.ts';
import { type Fields, type Kind, valueIn, weightsOf } from '../../model/field.ts';
import type { Outline } from '../../records/slot.ts';
import { customRows } from './custom_rows.ts';

/**
 * `counter`: exact to `digits` decimals, only grows. `gauge`: rounded to `digits` decimals, which is what it means. `count`: a whole
 * number that goes up and down. `number` and `text` are as they are.
 */
export type ColumnKind = 'counter' | 'gauge' | 'count' | 'number' | 'text';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly digits: number;
  /** Of a mean over events, the column that says how many those were: what it weighs by in rollups. */
  readonly weight?: string;
}

/** A cell as it is recorded; undefined and null both become NULL. */
export type Cell = number | string | null | undefined;

/** The values of one row, by column. */
type Values = Readonly<Record<string, unknown>>;

export interface Table {
  readonly name: string;
  /** Text columns that tell the rows of one snapshot apart. */
  readonly labels: readonly string[];
  /** The numeric column that does, for tables of lists. */
  readonly place?: string;
  readonly columns: readonly Column[];
  /** The rows a snapshot of such an outline has for this table: label values, and the fields named as the columns. */
  rows(snapshot: Outline): Iterable<{ labels: readonly string[]; fields: Values }>;
}

/** How fields of each kind are kept: flags as 1 or 0; lists of texts are not. */
const COLUMN_KINDS: Readonly<Record<Exclude<Kind, 'texts'>, ColumnKind>> = {
  flag: 'count',
  counter: 'counter',
  count: 'count',
  gauge: 'gauge',
  share: 'gauge',
  rate: 'gauge',
  mean: 'gauge',
  text: 'text',
};

function columnsOf(fields: Fields): Column[] {
  const weights = weightsOf(fields);
  return Object.entries(fields).flatMap(([name, { kind, digits, recorded }]): Column[] => {
    if (kind === 'texts' || !recorded) return [];
    const weight = weights.get(name);
    return [{ name, kind: COLUMN_KINDS[kind], digits, ...(weight !== undefined && { weight }) }];
  });
}

/** The data of a collector in a snapshot, whatever it is. */
function dataOf(snapshot: Outline, name: string): Values | undefined {
  const data = Object.hasOwn(snapshot, name) ? snapshot[name] : undefined;
  return typeof data === 'object' && data !== null ? (data as Values) : undefined;
}

/** What a collector's declaration says of tables: one of its own fields, one of each of its maps and lists. */
function* tablesOf(model: CollectorModel): Iterable<Table> {
  const { name, table, beside = {}, fields, lists = {}, maps = {}, entries } = model;
  if (table !== undefined) {
    yield {
      name: table,
      labels: [],
      columns: columnsOf({ ...beside, ...fields }),
      *rows(snapshot) {
        const data = dataOf(snapshot, name);
        if (data !== undefined)
          yield { labels: [], fields: { ...pick(snapshot, beside), ...data, ...inner(data, fields) } };
      },
    };
  }
  for (const listTable of new Set(Object.values(lists).map((list) => list.table))) {
    const columns = Object.entries(lists).filter(([, list]) => list.table === listTable);
    yield ofPlaces(listTable, columns, name);
  }
  for (const [map, { table: mapTable, label, fields: own, shared = [] }] of Object.entries(maps)) {
    if (mapTable === undefined) continue;
    const common: Fields = Object.fromEntries(
      Object.entries<Fields[string]>(fields).filter(([field]) => shared.includes(field)),
    );
    yield child(mapTable, label, own, (data) => data[map], name, common);
  }
  if (entries?.table !== undefined)
    yield child(entries.table, entries.label, entries.fields, (data) => data, name);
}

/** A table with one row per snapshot and place of lists that are about the same places. */
function ofPlaces(table: string, lists: readonly (readonly [string, Places])[], collector: string): Table {
  const place = lists[0]?.[1].label ?? '';
  const fields = Object.fromEntries(lists.map(([, { column, field }]) => [column, field]));
  return {
    name: table,
    labels: [],
    place,
    columns: [{ name: place, kind: 'count', digits: 0 }, ...columnsOf(fields)],
    *rows(snapshot) {
      const data = dataOf(snapshot, collector);
      const values = lists.map(([list, { column }]) => [column, listIn(data, list)] as const);
      const places = Math.max(...values.map(([, list]) => list.length));
      for (let at = 0; at < places; at++) {
        const row = Object.fromEntries(values.map(([column, list]) => [column, list[at]]));
        yield { labels: [], fields: { [place]: at, ...row } };
      }
    },
  };
}

function listIn(data: Values | undefined, name: string): readonly unknown[] {
  const list = data?.[name];
  return Array.isArray(list) ? list : [];
}

/** A table with one row per snapshot and entry of a map. */
function child(
  table: string,
  label: string,
  fields: Fields,
  mapIn: (data: Values) => unknown,
  collector: string,
  common: Fields = {},
): Table {
  return {
    name: table,
    labels: [label],
    columns: columnsOf({ ...fields, ...common }),
    *rows(snapshot) {
      const data = dataOf(snapshot, collector);
      if (data === undefined) return;
      const beside = Object.fromEntries(Object.keys(common).map((field) => [field, data[field]]));
      for (const [key, entry] of Object.entries(mapIn(data) ?? {})) {
        yield { labels: [key], fields: { ...(entry as Values), ...beside } };
      }
    },
  };
}

/** The fields that stand in objects of their own, by the names of their columns. */
function inner(data: Values, fields: Fields): Values {
  const nested = Object.entries(fields).filter(([, { within }]) => within !== undefined);
  return Object.fromEntries(nested.map(([name, field]) => [name, valueIn(data, name, field)]));
}

function pick(snapshot: Outline, fields: Fields): Values {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, snapshot[name]]));
}

/** Everything that is recorded, as the collectors declare it, and what custom collectors deliver. */
export const TABLES: readonly Table[] = [
  ...ALL_MODELS.flatMap((model) => [...tablesOf(model)]),
  {
    name: 'custom',
    labels: ['collector', 'field'],
    columns: [{ name: 'value', kind: 'number', digits: 0 }],
    rows: customRows,
  },
];

/** The types columns have in SQL. */
export type SqlType = 'TIMESTAMPTZ' | 'BIGINT' | 'DOUBLE' | 'VARCHAR';

const SQL_TYPES: Readonly<Record<ColumnKind, SqlType>> = {
  counter: 'BIGINT',
  count: 'BIGINT',
  gauge: 'DOUBLE',
  number: 'DOUBLE',
  text: 'VARCHAR',
};

/** A counter of what has fractions, such as seconds, is no whole number. */
function typeOf({ kind, digits }: Column): SqlType {
  return kind === 'counter' && digits > 0 ? 'DOUBLE' : SQL_TYPES[kind];
}

/** Identifiers in double quotes, because `user` and the like are words of SQL. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Column definitions of a table: `timestamp` first, then labels, then columns. */
export function definitions(table: Table): [name: string, type: SqlType][] {
  return [
    ['timestamp', 'TIMESTAMPTZ'],
    ...table.labels.map((label): [string, SqlType] => [label, 'VARCHAR']),
    ...table.columns.map((column): [string, SqlType] => [column.name, typeOf(column)]),
  ];
}

/** How the cells of each of these columns are kept: gauges rounded to what they mean. */
export function columnTypes(table: Table): { type: SqlType; decimals: number | undefined }[] {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  return definitions(table).map(([name, type]) => {
    const column = columns.get(name);
    const isRounded = column?.kind === 'gauge' || (column?.kind === 'counter' && type === 'DOUBLE');
    return { type, decimals: isRounded ? column.digits : undefined };
  });
}

/** The columns that tell rows of one snapshot apart, numbers among them. */
export function keys(table: Table): string[] {
  return table.place === undefined ? [...table.labels] : [...table.labels, table.place];
}

/** A table whose rows are of many hosts, told apart by a column more. */
export function ofHosts(table: Table): Table {
  return { ...table, labels: ['host', ...table.labels] };
}
