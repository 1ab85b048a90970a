import type { CollectorSampling, DeviceData, InterfaceData, PartitionData } from '../../client/index.ts';
import { customNumbers } from '../data/custom_numbers.ts';
import { troubleOf } from '../words/absence.ts';
import { bytes, bytesPerSecond, count, milliseconds, percent, perSecond, plain } from '../words/format.ts';
import { sourcesInWords } from '../words/sources.ts';
import type { Panel, PanelContext } from './panel.ts';
import { TablePanel } from './table_panel.ts';

/** Own wires and whole disks first: they make up the totals. */
function inOrder<Row extends { readonly in_total: boolean }>(
  rows: Readonly<Record<string, Row>>,
): [string, Row][] {
  return Object.entries(rows).sort(([, a], [, b]) => Number(b.in_total) - Number(a.in_total));
}

function emptyReason(context: PanelContext, collector: string, otherwise: string): string {
  const { snapshot } = context.store;
  if (snapshot === undefined) return 'no snapshot has arrived yet';
  return troubleOf(collector, snapshot.sampling.collectors[collector]) ?? otherwise;
}

const sign = ({ in_total }: { readonly in_total: boolean }): string => (in_total ? '● ' : '○ ');
const describe = ({ in_total }: { readonly in_total: boolean }): string =>
  in_total ? 'part of the totals; press to draw it' : 'not part of the totals; press to draw it';

/** Chosen by a row of a table, shown by the chart of that panel; chosen again, the totals are back. */
function chooser(context: PanelContext, panel: string, prefix: string) {
  const { view } = context;
  const chosen = (): string | undefined => {
    const choice = view.choice(panel);
    return choice?.startsWith(prefix) ? choice.slice(prefix.length) : undefined;
  };
  const onChoose = (label: string): void =>
    view.choose(panel, chosen() === label ? undefined : `${prefix}${label}`);
  return { chosen, onChoose };
}

export function interfacesPanel(context: PanelContext): Panel {
  return new TablePanel<InterfaceData>(context, {
    id: 'interfaces',
    title: 'Interfaces',
    labelTitle: 'interface',
    rows: () => inOrder(context.store.snapshot?.network?.interfaces ?? {}),
    empty: () => emptyReason(context, 'network', 'this host has no interface'),
    sign,
    describe,
    ...chooser(context, 'network', 'if:'),
    columns: [
      { title: 'received', format: bytesPerSecond, value: (row) => row.bytes_recv_per_sec },
      { title: 'sent', format: bytesPerSecond, value: (row) => row.bytes_sent_per_sec },
      {
        title: 'packets',
        hint: 'received and sent',
        format: perSecond,
        value: ({ packets_recv_per_sec: received, packets_sent_per_sec: sent }) =>
          received === undefined || sent === undefined ? undefined : received + sent,
      },
      {
        title: 'errors',
        hint: 'errors and drops since boot',
        format: count,
        value: (row) => row.errin + row.errout + row.dropin + row.dropout,
      },
    ],
  });
}

export function devicesPanel(context: PanelContext): Panel {
  const latency = (value: number | null | undefined): number | string | undefined =>
    value === null ? 'no request completed in this interval' : value;
  return new TablePanel<DeviceData>(context, {
    id: 'devices',
    title: 'Devices',
    labelTitle: 'device',
    rows: () => inOrder(context.store.snapshot?.disk?.devices ?? {}),
    empty: () => emptyReason(context, 'disk', 'this host has no block device'),
    sign,
    describe,
    ...chooser(context, 'disk', 'dev:'),
    columns: [
      { title: 'read', format: bytesPerSecond, value: (row) => row.read_bytes_per_sec },
      { title: 'written', format: bytesPerSecond, value: (row) => row.write_bytes_per_sec },
      { title: 'busy', format: percent, full: 100, value: (row) => row.busy_percent },
      {
        title: 'r wait',
        hint: 'mean time a read took',
        format: milliseconds,
        value: (row) => latency(row.read_latency_ms),
      },
      {
        title: 'w wait',
        hint: 'mean time a write took',
        format: milliseconds,
        value: (row) => latency(row.write_latency_ms),
      },
    ],
  });
}

/** How each collector fared in the latest tick. */
export function collectorsPanel(context: PanelContext): Panel {
  const of =
    (field: 'lateness_ms' | 'duration_ms' | 'elapsed_ms') =>
    (row: CollectorRow): number | string =>
      (row.sampling.state === 'ok' ? row.sampling[field] : undefined) ??
      troubleOf(row.name, row.sampling) ??
      'there are no rates in it';
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
    empty: () => 'no snapshot has arrived yet',
    describe: ({ sampling }) => sourcesInWords(sampling),
    columns: [
      {
        title: 'state',
        format: milliseconds,
        value: () => undefined,
        text: ({ sampling }) => sampling.state.replace('_', ' '),
      },
      { title: 'late', hint: 'from the tick to the read', format: milliseconds, value: of('lateness_ms') },
      { title: 'took', hint: 'to read and compute', format: milliseconds, value: of('duration_ms') },
      { title: 'covers', hint: 'the time its rates are of', format: milliseconds, value: of('elapsed_ms') },
    ],
  });
}

interface CollectorRow {
  readonly name: string;
  readonly sampling: CollectorSampling;
}

/** Every number of collectors that are the user's own. */
export function customPanel(context: PanelContext): Panel {
  return new TablePanel<number>(context, {
    id: 'custom',
    title: 'Own collectors',
    labelTitle: 'field',
    leavesWhenEmpty: true,
    rows: () => (context.store.snapshot === undefined ? [] : customNumbers(context.store.snapshot)),
    empty: () => '',
    columns: [{ title: 'value', format: plain, value: (row) => row }],
  });
}

export function partitionsPanel(context: PanelContext): Panel {
  return new TablePanel<PartitionData>(context, {
    id: 'partitions',
    title: 'Partitions',
    labelTitle: 'mounted at',
    rows: () => Object.entries(context.store.snapshot?.disk?.partitions ?? {}),
    empty: () => {
      const stuck = context.store.snapshot?.disk?.partitions_stuck;
      const otherwise =
        stuck === undefined ? 'no local file system has answered yet' : `no answer from ${stuck.join(', ')}`;
      return emptyReason(context, 'disk', otherwise);
    },
    describe: ({ device, filesystem }) => `${device}, ${filesystem}`,
    columns: [
      { title: 'used', format: percent, full: 100, value: (row) => row.percent },
      { title: 'of', format: bytes, value: (row) => row.total_bytes },
      {
        title: 'free',
        hint: 'what an unprivileged user may still write',
        format: bytes,
        value: (row) => row.free_bytes,
      },
    ],
  });
}
