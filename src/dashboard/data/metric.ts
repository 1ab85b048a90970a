import { TABLE_FACTS } from '../../model/field_at.ts';

/**
 * The name of one series: table, label and column as SQL knows them, so that a series is found in memory and in
 * history under the same name. The label is empty for tables that have none.
 */
export type MetricKey = `${string}|${string}|${string}`;

export interface Metric {
  readonly table: string;
  readonly label: string;
  readonly column: string;
}

export function metricKey(table: string, column: string, label = ''): MetricKey {
  return `${table}|${label}|${column}`;
}

type Keys = Map<string, MetricKey>;

const knownKeys = new Map<string, Map<string, Keys>>();

/**
 * The same, made once for each series: a text that is put together has to be read again from end to end whenever
 * something is looked up by it, ten times a second for every number of a snapshot.
 */
export function knownKey(table: string, column: string, label = ''): MetricKey {
  let labels = knownKeys.get(table);
  if (labels === undefined) {
    labels = new Map();
    knownKeys.set(table, labels);
  }
  let keys = labels.get(label);
  if (keys === undefined) {
    // Names that come and go for ever must not fill the memory.
    if (labels.size > MOST_LABELS) labels.clear();
    keys = new Map();
    labels.set(label, keys);
  }
  let key = keys.get(column);
  if (key === undefined) {
    key = metricKey(table, column, label);
    keys.set(column, key);
  }
  return key;
}

const MOST_LABELS = 4096;

/** Where the extremes of a series are kept, when each of its samples stands for several. */
export function minimumKey(key: string): string {
  return `minimum ${key}`;
}

export function maximumKey(key: string): string {
  return `maximum ${key}`;
}

export function metricOf(key: string): Metric {
  // Only labels are names somebody else gave: they may hold the separator.
  const first = key.indexOf('|');
  const last = key.lastIndexOf('|');
  return { table: key.slice(0, first), label: key.slice(first + 1, last), column: key.slice(last + 1) };
}

/** The collector whose data a table holds. */
export function collectorOf({ table }: Metric): string {
  return TABLE_FACTS.get(table)?.collector ?? table;
}

/** The column that tells the rows of one snapshot apart. */
export function labelColumnOf(table: string): string | undefined {
  return TABLE_FACTS.get(table)?.label;
}
