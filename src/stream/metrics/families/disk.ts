import type { DeviceData, DiskCounters, DiskData, PartitionData } from '../../../shared/snapshot.ts';
import { ratio, secondsFromMs } from '../base_units.ts';
import { counter, type Family, forEach, gauge, type Row, rowsBy } from '../family.ts';
import { labelsOf } from '../labels.ts';

export const DISK_FAMILIES: readonly Family<DiskData>[] = [
  ...countersOf('hzstat_disk', 'all physical disks'),
  ...forEach<DiskData, DeviceData>(
    ({ devices }) => rowsBy('device', devices),
    [
      ...countersOf('hzstat_disk_device', 'this device'),
      gauge(
        'hzstat_disk_device_requests_in_flight',
        'Requests issued to this device and not yet completed.',
        (data) => data.in_flight,
      ),
      gauge(
        'hzstat_disk_device_busy_ratio',
        'Share of the latest interval with at least one request in flight.',
        ({ busy_percent }) => ratio(busy_percent),
      ),
      gauge(
        'hzstat_disk_device_read_latency_seconds',
        'Mean time a read took, queue included, that completed in the latest interval; absent when none did.',
        ({ read_latency_ms }) => secondsFromMs(read_latency_ms),
      ),
      gauge(
        'hzstat_disk_device_write_latency_seconds',
        'Mean time a write took, queue included, that completed in the latest interval; absent when none did.',
        ({ write_latency_ms }) => secondsFromMs(write_latency_ms),
      ),
      gauge(
        'hzstat_disk_device_summed',
        'Whether this device is a whole physical disk, which hzstat_disk_* sum up.',
        (data) => data.in_total,
      ),
    ],
  ),
  ...forEach(partitionsOf, [
    gauge<PartitionData>(
      'hzstat_disk_partition_size_bytes',
      'Size of the file system.',
      (data) => data.total_bytes,
    ),
    gauge('hzstat_disk_partition_used_bytes', 'Used space of the file system.', (data) => data.used_bytes),
    gauge(
      'hzstat_disk_partition_available_bytes',
      'Space of the file system that users without privileges may still fill.',
      (data) => data.free_bytes,
    ),
    gauge(
      'hzstat_disk_partition_used_ratio',
      'Used share of the space that users without privileges can have, as df shows it.',
      ({ percent }) => ratio(percent),
    ),
  ]),
  ...forEach(stuckOf, [
    gauge<true>(
      'hzstat_disk_partition_stuck',
      'A file system that did not answer in time; absent for those that did.',
      (stuck) => stuck,
    ),
  ]),
];

function countersOf(prefix: string, of: string): readonly Family<Partial<DiskCounters>>[] {
  return [
    counter(`${prefix}_read_bytes_total`, `Bytes read from ${of}.`, (data) => data.read_bytes),
    counter(`${prefix}_written_bytes_total`, `Bytes written to ${of}.`, (data) => data.write_bytes),
    counter(`${prefix}_reads_completed_total`, `Reads completed by ${of}.`, (data) => data.read_count),
    counter(`${prefix}_writes_completed_total`, `Writes completed by ${of}.`, (data) => data.write_count),
  ];
}

function partitionsOf({ partitions }: DiskData): Row<PartitionData>[] {
  return Object.entries(partitions).map(([mount_point, row]) => {
    const { device, filesystem } = row;
    return [labelsOf({ mount_point, device, filesystem }), row];
  });
}

function stuckOf({ partitions_stuck = [] }: DiskData): Row<true>[] {
  return partitions_stuck.map((mount_point) => [labelsOf({ mount_point }), true]);
}
