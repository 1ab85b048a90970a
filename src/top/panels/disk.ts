import type { DeviceData, PartitionData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { byteRate, bytes, count, countRate, decimal, percent } from '../figures/format.ts';
import type { View } from '../view/view.ts';
import { collectorPanel } from './collector_panel.ts';
import { itemRank, RANK, type Row } from './panel.ts';
import { chartRow, figuresRow, gaugeRow, nameCell, nameCells, sentenceRow } from './rows.ts';

/** What whole disks read and write, every device, and how full the file systems are. */
export const diskPanel = collectorPanel('DISK', 'disk', (view, disk, width) => [
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
]);

function deviceRows({ glyphs }: View, devices: Readonly<Record<string, DeviceData>>): Row[] {
  const sorted = Object.entries(devices).sort(
    ([nameA, a], [nameB, b]) => standing(a) - standing(b) || (nameA < nameB ? -1 : 1),
  );
  const cells = nameCells(Object.keys(devices), 16);
  return sorted.map(([name, data], index) => ({
    rank: itemRank(index),
    item: true,
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
