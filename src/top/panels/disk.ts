import type { DeviceData, PartitionData } from '../../model/snapshot.ts';
import { STYLE, type Style } from '../drawing/style.ts';
import { byteRate, bytes, count, countRate, decimal, milliseconds, percent } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { itemRank, RANK, type Row } from '../rows/panel.ts';
import {
  chartRow,
  figuresRow,
  gaugeRow,
  itemChartRow,
  nameCell,
  nameCells,
  sentenceRow,
} from '../rows/rows.ts';
import type { View } from '../view/view.ts';

/** What whole disks read and write, every device, and how full the file systems are. */
export const diskPanel = collectorPanel(
  'DISK',
  'disk',
  (view, disk, width) => [
    chartRow(view, {
      label: 'read',
      value: byteRate(disk.read_bytes_per_sec),
      series: 'disk_read',
      format: byteRate,
      style: STYLE.inbound,
      rank: RANK.essential,
      grows: 4,
    }),
    chartRow(view, {
      label: 'write',
      value: byteRate(disk.write_bytes_per_sec),
      series: 'disk_write',
      format: byteRate,
      style: STYLE.outbound,
      rank: RANK.essential,
      grows: 4,
    }),
    figuresRow(RANK.more, [
      { label: 'reads', value: countRate(disk.reads_per_sec) },
      { label: 'writes', value: countRate(disk.writes_per_sec) },
    ]),
    ...stuckRows(disk.partitions_stuck, width),
    ...deviceRows(view, disk.devices),
    ...partitionRows(view, disk.partitions),
  ],
  {
    // A device cannot have the name of a mount point, which begins with a slash.
    names: ({ devices, partitions }) => [
      ...sorted(devices).map(([name]) => name),
      ...Object.keys(partitions),
    ],
    rows: (view, { devices, partitions }, name) => {
      const device = Object.hasOwn(devices, name) ? devices[name] : undefined;
      if (device !== undefined) return deviceAlone(view, name, device);
      const partition = partitions[name];
      return partition === undefined ? [] : partitionAlone(view, name, partition);
    },
  },
);

/** What one device does and how long it takes for it. */
function deviceAlone(view: View, name: string, data: DeviceData): Row[] {
  const chart = (
    label: string,
    field: keyof DeviceData,
    format: typeof byteRate,
    style: Style,
    top?: number,
  ): Row =>
    itemChartRow(view, label, data, ['disk', 'devices', name, field], format, style, {
      ...(top !== undefined && { top }),
    });
  return [
    figuresRow(RANK.essential, [
      { label: data.in_total ? 'whole disk' : 'device', value: name },
      { label: 'since boot read', value: bytes(data.read_bytes) },
      { label: 'written', value: bytes(data.write_bytes) },
    ]),
    chart('read', 'read_bytes_per_sec', byteRate, STYLE.inbound),
    chart('write', 'write_bytes_per_sec', byteRate, STYLE.outbound),
    chart('busy', 'busy_percent', percent, STYLE.plain, 100),
    chart('read lat', 'read_latency_ms', milliseconds, STYLE.inbound),
    chart('write lat', 'write_latency_ms', milliseconds, STYLE.outbound),
    chart('queued', 'in_flight', count, STYLE.plain),
    figuresRow(RANK.main, [
      { label: 'reads', value: countRate(data.reads_per_sec) },
      { label: 'writes', value: countRate(data.writes_per_sec) },
    ]),
  ];
}

/** How full one file system is, and has been. */
function partitionAlone(view: View, mountPoint: string, data: PartitionData): Row[] {
  return [
    figuresRow(RANK.essential, [
      { label: 'mounted at', value: mountPoint },
      { label: 'on', value: data.device },
      { label: 'as', value: data.filesystem },
    ]),
    gaugeRow(view, {
      label: 'used',
      percent: data.percent,
      text: `${bytes(data.used_bytes)} used, ${bytes(data.free_bytes)} free`,
      rank: RANK.essential,
    }),
    itemChartRow(
      view,
      'over time',
      data,
      ['disk', 'partitions', mountPoint, 'percent'],
      percent,
      STYLE.plain,
      {
        top: 100,
      },
    ),
    itemChartRow(view, 'free', data, ['disk', 'partitions', mountPoint, 'free_bytes'], bytes, STYLE.plain),
  ];
}

function sorted(devices: Readonly<Record<string, DeviceData>>): [string, DeviceData][] {
  return Object.entries(devices).sort(
    ([nameA, a], [nameB, b]) => standing(a) - standing(b) || (nameA < nameB ? -1 : 1),
  );
}

function deviceRows({ glyphs }: View, devices: Readonly<Record<string, DeviceData>>): Row[] {
  const cells = nameCells(Object.keys(devices), 16);
  return sorted(devices).map(([name, data], index) => ({
    rank: itemRank(index),
    item: true,
    name,
    draw(region) {
      let x = region.text(0, 0, nameCell(name, data.in_total, cells, glyphs));
      x = region.text(x, 0, 'rd') + 1;
      x = region.text(x, 0, byteRate(data.read_bytes_per_sec), STYLE.inbound) + 1;
      x = region.text(x, 0, 'wr') + 1;
      x = region.text(x, 0, byteRate(data.write_bytes_per_sec), STYLE.outbound) + 1;
      x = region.text(x, 0, 'busy');
      x = region.text(x, 0, percent(data.busy_percent), STYLE.value) + 1;
      const waits = `lat ${latency(data.read_latency_ms)}/${latency(data.write_latency_ms)} ms`;
      if (x + waits.length <= region.width) x = region.text(x, 0, waits) + 1;
      const queue = `${count(data.in_flight).trim()} queued`;
      if (x + queue.length <= region.width) region.text(x, 0, queue);
    },
  }));
}

/** A dash where nothing completed: there is no latency of nothing. */
function latency(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : decimal(ms, ms < 9.95 ? 1 : 0);
}

function partitionRows(view: View, partitions: Readonly<Record<string, PartitionData>>): Row[] {
  const cells = nameCells(Object.keys(partitions), 24);
  return Object.entries(partitions).map(([mountPoint, data], index) =>
    gaugeRow(view, {
      label: mountPoint,
      percent: data.percent,
      text: `${bytes(data.used_bytes)} used, ${bytes(data.free_bytes)} free`,
      rank: itemRank(index),
      labelCells: cells,
      item: true,
      name: mountPoint,
    }),
  );
}

function stuckRows(stuck: readonly string[] | undefined, width: number): Row[] {
  if (stuck === undefined || stuck.length === 0) return [];
  return [sentenceRow(RANK.main, `! does not answer: ${stuck.join(', ')}`, STYLE.bad, width)];
}

/** Whole physical disks first, then whatever was used since boot: an order that does not jump about. */
function standing({ in_total, read_count, write_count }: DeviceData): number {
  if (in_total) return 0;
  return read_count + write_count > 0 ? 1 : 2;
}
