import type { CollectorName } from '../shared/collector_names.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { customRows } from './custom_rows.ts';

/**
 * `counter`: exact, only grows. `gauge`: rounded to `digits` decimals, which is what it means. `count`: a whole
 * number that goes up and down. `number` and `text` are as they are.
 */
export type ColumnKind = 'counter' | 'gauge' | 'count' | 'number' | 'text';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly digits: number;
}

/** A cell as it is recorded; undefined and null both become NULL. */
export type Cell = number | string | null | undefined;

/** One row of a child table beside its labels. */
type Fields = Readonly<Record<string, unknown>>;

export interface Table {
  readonly name: string;
  /** Text columns that tell the rows of one snapshot apart. */
  readonly labels: readonly string[];
  readonly columns: readonly Column[];
  /** The rows a snapshot has for this table: label values, and the fields named as the columns. */
  rows(snapshot: Snapshot): Iterable<{ labels: readonly string[]; fields: Fields }>;
}

const column =
  (kind: ColumnKind, digits = 0) =>
  (name: string): Column => ({ name, kind, digits });
const counters = (...names: string[]): Column[] => names.map(column('counter'));
const counts = (...names: string[]): Column[] => names.map(column('count'));
const percents = (...names: string[]): Column[] => names.map(column('gauge', 2));
const rates = (...names: string[]): Column[] => names.map(column('gauge', 1));
const milliseconds = (...names: string[]): Column[] => names.map(column('gauge', 3));

/** A table with one row per snapshot, whose columns are fields of one collector. */
function wide(name: CollectorName, columns: readonly Column[]): Table {
  return {
    name,
    labels: [],
    columns,
    *rows(snapshot) {
      const data: object | undefined = snapshot[name];
      if (data !== undefined) yield { labels: [], fields: data as Fields };
    },
  };
}

/** A table with one row per snapshot and entry of a map. */
function child(
  name: string,
  label: string,
  columns: readonly Column[],
  entries: (snapshot: Snapshot) => Readonly<Record<string, object>> | undefined,
): Table {
  return {
    name,
    labels: [label],
    columns,
    *rows(snapshot) {
      for (const [key, fields] of Object.entries(entries(snapshot) ?? {})) {
        yield { labels: [key], fields: fields as Fields };
      }
    },
  };
}

const NETWORK = [
  ...counters(
    'bytes_sent',
    'bytes_recv',
    'packets_sent',
    'packets_recv',
    'errin',
    'errout',
    'dropin',
    'dropout',
  ),
  ...rates('bytes_sent_per_sec', 'bytes_recv_per_sec', 'packets_sent_per_sec', 'packets_recv_per_sec'),
];

const DISK = [
  ...counters('read_bytes', 'write_bytes', 'read_count', 'write_count'),
  ...rates('read_bytes_per_sec', 'write_bytes_per_sec', 'reads_per_sec', 'writes_per_sec'),
];

/** Everything that is recorded. A new collector is an entry here. */
export const TABLES: readonly Table[] = [
  wide('cpu', [
    ...percents('usage_percent', 'user_percent', 'nice_percent', 'system_percent', 'idle_percent'),
    ...percents('iowait_percent', 'irq_percent', 'softirq_percent', 'steal_percent'),
    column('gauge', 0)('frequency_mhz'),
    ...percents('load_avg_1m', 'load_avg_5m', 'load_avg_15m'),
    column('gauge', 1)('temperature_celsius'),
  ]),
  {
    name: 'cpu_core',
    labels: [],
    columns: [...counts('core'), ...percents('usage_percent')],
    *rows(snapshot) {
      for (const [core, usage_percent] of (snapshot.cpu?.per_core ?? []).entries()) {
        yield { labels: [], fields: { core, usage_percent } };
      }
    },
  },
  wide('memory', [
    ...counts('total_bytes', 'available_bytes', 'used_bytes'),
    ...percents('percent'),
    ...counts('swap_total_bytes', 'swap_used_bytes'),
    ...percents('swap_percent'),
    ...counts('buffers_bytes', 'cached_bytes', 'free_bytes', 'active_bytes', 'inactive_bytes', 'dirty_bytes'),
    ...counts('writeback_bytes', 'mapped_bytes', 'anon_bytes', 'shmem_bytes', 'slab_bytes'),
    ...counts('slab_reclaimable_bytes', 'page_tables_bytes', 'kernel_stack_bytes', 'committed_bytes'),
    ...counts('commit_limit_bytes', 'huge_pages_total', 'huge_pages_free', 'huge_page_size_bytes'),
  ]),
  wide('network', NETWORK),
  child('network_interface', 'interface', NETWORK, (snapshot) => snapshot.network?.interfaces),
  wide('disk', DISK),
  child(
    'disk_device',
    'device',
    [
      ...DISK,
      ...counts('in_flight'),
      ...percents('busy_percent'),
      ...milliseconds('read_latency_ms', 'write_latency_ms'),
    ],
    (snapshot) => snapshot.disk?.devices,
  ),
  child(
    'disk_partition',
    'mount_point',
    [
      column('text')('device'),
      column('text')('filesystem'),
      ...counts('total_bytes', 'used_bytes', 'free_bytes'),
      ...percents('percent'),
    ],
    (snapshot) => snapshot.disk?.partitions,
  ),
  child(
    'perf_events',
    'event',
    [column('gauge', 3)('value'), column('text')('unit'), ...percents('running_percent')],
    (snapshot) => snapshot.perf_events?.events,
  ),
  wide(
    'memory_bandwidth',
    rates(
      'pgpgin_per_sec',
      'pgpgout_per_sec',
      'pswpin_per_sec',
      'pswpout_per_sec',
      'pgfault_per_sec',
      'pgmajfault_per_sec',
    ),
  ),
  child(
    'pressure',
    'resource',
    [...percents('some_percent', 'full_percent'), ...counters('some_total_us', 'full_total_us')],
    (snapshot) => snapshot.pressure && { ...snapshot.pressure },
  ),
  wide('interrupts', [
    ...counters('context_switches', 'interrupts', 'soft_interrupts', 'forks'),
    ...rates('context_switches_per_sec', 'interrupts_per_sec', 'soft_interrupts_per_sec', 'forks_per_sec'),
    ...counts('tasks_running', 'tasks_blocked'),
  ]),
  child(
    'interrupts_softirq',
    'kind',
    [...counters('handled'), ...rates('handled_per_sec')],
    (snapshot) => snapshot.interrupts?.softirqs,
  ),
  {
    name: 'sampling',
    labels: [],
    columns: [
      ...counters('sequence', 'tick', 'missed_ticks'),
      ...milliseconds('interval_ms', 'actual_interval_ms', 'lateness_ms', 'cpu_percent'),
      ...counts('memory_bytes'),
    ],
    *rows({ sequence, sampling }) {
      yield { labels: [], fields: { sequence, ...sampling } };
    },
  },
  child(
    'sampling_collector',
    'collector',
    [
      column('text')('state'),
      ...milliseconds('lateness_ms', 'duration_ms', 'elapsed_ms'),
      ...counters('missed_ticks'),
      column('text')('code'),
    ],
    (snapshot) => snapshot.sampling.collectors,
  ),
  {
    name: 'custom',
    labels: ['collector', 'field'],
    columns: [column('number')('value')],
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
    ...table.columns.map(({ name, kind }): [string, SqlType] => [name, SQL_TYPES[kind]]),
  ];
}

/** How the cells of each of these columns are kept: gauges rounded to what they mean. */
export function columnTypes(table: Table): { type: SqlType; decimals: number | undefined }[] {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  return definitions(table).map(([name, type]) => {
    const column = columns.get(name);
    return { type, decimals: column?.kind === 'gauge' ? column.digits : undefined };
  });
}

/** The columns that tell rows of one snapshot apart, numbers among them. */
export function keys(table: Table): string[] {
  return table.name === 'cpu_core' ? ['core'] : [...table.labels];
}
