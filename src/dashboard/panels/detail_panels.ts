import type { CollectorSampling } from '../../client/index.ts';
import { Members } from '../controls/members.ts';
import { customNumbers } from '../data/custom_numbers.ts';
import type { PastRow } from '../data/past_sql.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { type TableColumn, TablePanel } from '../kinds/table_panel.ts';
import { troubleOf } from '../words/absence.ts';
import {
  bytes,
  bytesPerSecond,
  count,
  type Format,
  milliseconds,
  percent,
  perSecond,
  plain,
} from '../words/format.ts';
import { sourcesInWords } from '../words/sources.ts';

/** A row as a snapshot has it or as it was recorded: figures by field. */
type Figures = Readonly<Record<string, unknown>>;

function figure(row: Figures, field: string): number | undefined {
  const value = row[field];
  return typeof value === 'number' ? value : undefined;
}

/** A column that shows a field as it is. */
function column(
  field: string,
  title: string,
  format: Format,
  more: Partial<Pick<TableColumn<Figures>, 'hint' | 'full'>> = {},
): TableColumn<Figures> {
  return { title, format, ...more, value: (row) => figure(row, field) };
}

/** Physical interfaces and whole disks first: they make up the totals. */
function inOrder(rows: Readonly<Record<string, object>>): [string, Figures][] {
  return Object.entries(rows)
    .map(([label, row]): [string, Figures] => [label, { ...row }])
    .sort(([, a], [, b]) => Number(b.in_total === true) - Number(a.in_total === true));
}

/** Rows of a table as they were; what is part of the totals is known of what there is now. */
function recordedIn(table: string, label: string, now: () => Readonly<Record<string, object>>) {
  const row = (past: PastRow): readonly [string, Figures] => {
    const name = String(past[label]);
    const current: Figures = { ...now()[name] };
    return [name, { ...past, in_total: current.in_total }];
  };
  return { table, row };
}

function emptyReason(context: PanelContext, collector: string, otherwise: string): string {
  const { view, store } = context;
  if (!view.live) return 'none was recorded at this moment';
  const { snapshot } = store;
  if (snapshot === undefined) return 'no snapshot has arrived yet';
  return troubleOf(collector, snapshot.sampling.collectors[collector]) ?? otherwise;
}

const sign = ({ in_total }: Figures): string => (in_total === true ? '● ' : '○ ');
const describe = ({ in_total }: Figures): string =>
  in_total === true
    ? 'counted in the totals; click to draw it'
    : 'not counted in the totals; click to draw it';

/** Rows that are drawn by the chart of a panel when they are chosen, several at a time. */
function chooser(context: PanelContext, panel: string, prefix: string) {
  const members = new Members(context.view, panel, prefix);
  return {
    isChosen: (label: string): boolean => members.chosen.includes(label),
    onChoose: (label: string): void => members.toggle(label),
  };
}

export function interfacesPanel(context: PanelContext): Panel {
  const now = (): Readonly<Record<string, object>> => context.store.snapshot?.network?.interfaces ?? {};
  return new TablePanel<Figures>(context, {
    id: 'interfaces',
    title: 'Interfaces',
    labelTitle: 'interface',
    rows: () => inOrder(now()),
    recorded: recordedIn('network_interface', 'interface', now),
    empty: () => emptyReason(context, 'network', 'this host has no interface'),
    sign,
    describe,
    ...chooser(context, 'network', 'if:'),
    columns: [
      column('bytes_recv_per_sec', 'received', bytesPerSecond),
      column('bytes_sent_per_sec', 'sent', bytesPerSecond),
      {
        title: 'packets',
        hint: 'received and sent',
        format: perSecond,
        value: (row) => {
          const received = figure(row, 'packets_recv_per_sec');
          const sent = figure(row, 'packets_sent_per_sec');
          return received === undefined || sent === undefined ? undefined : received + sent;
        },
      },
      {
        title: 'errors',
        hint: 'errors and drops since boot',
        format: count,
        value: (row) => {
          const counts = ['errin', 'errout', 'dropin', 'dropout'].map((field) => figure(row, field));
          return counts.reduce((sum, one) =>
            sum === undefined || one === undefined ? undefined : sum + one,
          );
        },
      },
    ],
  });
}

export function devicesPanel(context: PanelContext): Panel {
  const now = (): Readonly<Record<string, object>> => context.store.snapshot?.disk?.devices ?? {};
  const latency = (field: string, title: string, hint: string): TableColumn<Figures> => ({
    title,
    hint,
    format: milliseconds,
    value: (row) =>
      figure(row, field) ??
      (figure(row, 'busy_percent') === undefined ? undefined : 'no request completed in this interval'),
  });
  return new TablePanel<Figures>(context, {
    id: 'devices',
    title: 'Devices',
    labelTitle: 'device',
    rows: () => inOrder(now()),
    recorded: recordedIn('disk_device', 'device', now),
    empty: () => emptyReason(context, 'disk', 'this host has no block device'),
    sign,
    describe,
    ...chooser(context, 'disk', 'dev:'),
    columns: [
      column('read_bytes_per_sec', 'read', bytesPerSecond),
      column('write_bytes_per_sec', 'written', bytesPerSecond),
      column('busy_percent', 'busy', percent, { full: 100 }),
      latency('read_latency_ms', 'r wait', 'mean time a read took'),
      latency('write_latency_ms', 'w wait', 'mean time a write took'),
    ],
  });
}

/** How each collector fared in the latest tick, or in that of the moment looked at. */
export function collectorsPanel(context: PanelContext): Panel {
  const of =
    (field: 'lateness_ms' | 'duration_ms' | 'elapsed_ms') =>
    ({ name, sampling, past }: CollectorRow): number | string => {
      if (past !== undefined) return figure(past, field) ?? 'it was not recorded at this moment';
      return (
        (sampling?.state === 'ok' ? sampling[field] : undefined) ??
        troubleOf(name, sampling) ??
        'it has no rates'
      );
    };
  return new TablePanel<CollectorRow>(context, {
    id: 'collectors',
    title: 'Collectors',
    hint: 'How each collector fared in the latest tick',
    labelTitle: 'collector',
    rows: () =>
      Object.entries(context.store.snapshot?.sampling.collectors ?? {}).map(([name, sampling]) => [
        name,
        { name, sampling },
      ]),
    recorded: {
      table: 'sampling_collector',
      row: (past) => [String(past.collector), { name: String(past.collector), past }],
    },
    empty: () => emptyReason(context, 'sampling', 'no snapshot has arrived yet'),
    describe: ({ sampling }) => (sampling === undefined ? '' : sourcesInWords(sampling)),
    columns: [
      {
        title: 'state',
        format: milliseconds,
        value: () => undefined,
        text: ({ sampling, past }) => String(past?.state ?? sampling?.state ?? '?').replace('_', ' '),
      },
      { title: 'late', hint: 'from the tick to the read', format: milliseconds, value: of('lateness_ms') },
      { title: 'took', hint: 'to read and compute', format: milliseconds, value: of('duration_ms') },
      {
        title: 'covers',
        hint: 'the time over which its rates were measured',
        format: milliseconds,
        value: of('elapsed_ms'),
      },
    ],
  });
}

interface CollectorRow {
  readonly name: string;
  readonly sampling?: CollectorSampling;
  /** As it was recorded, instead. */
  readonly past?: PastRow;
}

/** Every number of collectors that are the user's own. */
export function customPanel(context: PanelContext): Panel {
  return new TablePanel<number | undefined>(context, {
    id: 'custom',
    title: 'Own collectors',
    labelTitle: 'field',
    leavesWhenEmpty: true,
    rows: () => (context.store.snapshot === undefined ? [] : customNumbers(context.store.snapshot)),
    recorded: {
      table: 'custom',
      row: ({ collector, field, value }) => [
        `${collector}.${field}`,
        typeof value === 'number' ? value : undefined,
      ],
    },
    empty: () => emptyReason(context, 'sampling', ''),
    columns: [{ title: 'value', format: plain, value: (row) => row }],
  });
}

export function partitionsPanel(context: PanelContext): Panel {
  const now = (): Readonly<Record<string, object>> => context.store.snapshot?.disk?.partitions ?? {};
  return new TablePanel<Figures>(context, {
    id: 'partitions',
    title: 'Partitions',
    labelTitle: 'mounted at',
    rows: () => inOrder(now()),
    recorded: recordedIn('disk_partition', 'mount_point', now),
    empty: () => {
      const stuck = context.store.snapshot?.disk?.partitions_stuck;
      const otherwise =
        stuck === undefined ? 'no local file system has answered yet' : `no answer from ${stuck.join(', ')}`;
      return emptyReason(context, 'disk', otherwise);
    },
    describe: ({ device, filesystem }) =>
      `${[device, filesystem].filter(Boolean).join(', ')}; click to draw it`,
    ...chooser(context, 'disk', 'mount:'),
    columns: [
      column('percent', 'used', percent, { full: 100 }),
      column('total_bytes', 'of', bytes),
      column('free_bytes', 'free', bytes, { hint: 'what an unprivileged user may still write' }),
    ],
  });
}
