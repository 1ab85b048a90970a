import { collector } from './collector.ts';
import {
  count,
  counter,
  type Field,
  type FieldOptions,
  flag,
  gauge,
  mean,
  orAbsent,
  orAbsentOrNull,
  type Presence,
  rate,
  share,
  text,
  texts,
  type Unit,
} from './field.ts';

/** What is counted of a device, and of all whole disks together. */
function transfers<P extends Presence>(
  prefix: string,
  of: string,
  counted: (unit: Unit, meaning: string, options: FieldOptions) => Field<number, P>,
) {
  const metric = (name: string) => ({ metric: `${prefix}_${name}_total` });
  return {
    read_bytes: counted('bytes', `Bytes read from ${of}.`, metric('read_bytes')),
    write_bytes: counted('bytes', `Bytes written to ${of}.`, metric('written_bytes')),
    read_count: counted('requests', `Reads completed by ${of}.`, metric('reads_completed')),
    write_count: counted('requests', `Writes completed by ${of}.`, metric('writes_completed')),
    read_bytes_per_sec: rate('bytes/s', 'read_bytes', `Bytes read a second from ${of}.`),
    write_bytes_per_sec: rate('bytes/s', 'write_bytes', `Bytes written a second to ${of}.`),
    reads_per_sec: rate('requests/s', 'read_count', `Reads completed a second by ${of}.`),
    writes_per_sec: rate('requests/s', 'write_count', `Writes completed a second by ${of}.`),
  };
}

/** Time the kernel counts of a device, in milliseconds of 32 bits; here it goes on where those wrap. */
function seconds(meaning: string, what: string) {
  return counter('seconds', `${meaning}, since the device appeared.`, {
    digits: 3,
    metric: `hzstat_disk_device_${what}_seconds_total`,
  });
}

const NONE_COMPLETED = 'null: no request completed in this interval; absent in the first sample';

export const disk = collector({
  name: 'disk',
  meaning:
    'Transfers of all whole disks together and of every block device, and how full local file systems are.',
  source: '/proc/diskstats',
  table: 'disk',
  fields: {
    ...transfers('hzstat_disk', 'all physical disks', (...of) =>
      orAbsent(counter(...of), 'absent where /proc/diskstats cannot be read'),
    ),
    partitions_stuck: orAbsent(
      texts('Mount points whose file system did not answer in time.', {
        source: 'statfs',
        metric: { name: 'hzstat_disk_partition_stuck', derived: true },
      }),
      'absent where there are none',
    ),
  },
  maps: {
    devices: {
      label: 'device',
      meaning: 'Every whole block device, by its name.',
      table: 'disk_device',
      fields: {
        ...transfers('hzstat_disk_device', 'this device', counter),
        busy_seconds: seconds('Time with at least one request in flight', 'busy'),
        read_seconds: seconds('Time that completed reads took, added up', 'read'),
        write_seconds: seconds('Time that completed writes took, added up', 'write'),
        in_flight: count('requests', 'Requests issued to this device and not yet completed.', {
          metric: 'hzstat_disk_device_requests_in_flight',
        }),
        busy_percent: orAbsent(
          share('Time with at least one request in flight; coarse below 50 ms.', {
            metric: 'hzstat_disk_device_busy_ratio',
          }),
        ),
        read_latency_ms: orAbsentOrNull(
          mean('ms', 'read_count', 'Mean time a completed read took, queue included.', {
            metric: 'hzstat_disk_device_read_latency_seconds',
          }),
          NONE_COMPLETED,
        ),
        write_latency_ms: orAbsentOrNull(
          mean('ms', 'write_count', 'Mean time a completed write took, queue included.', {
            metric: 'hzstat_disk_device_write_latency_seconds',
          }),
          NONE_COMPLETED,
        ),
        in_total: flag('Whether this device is a whole physical disk, which hzstat_disk_* sum up.', {
          source: '/sys/block',
          metric: 'hzstat_disk_device_summed',
        }),
      },
    },
    partitions: {
      label: 'mount_point',
      meaning: 'Local file systems, each once, every five seconds.',
      table: 'disk_partition',
      labels: ['device', 'filesystem'],
      fields: {
        device: text('The device it is on.', { source: '/proc/1/mountinfo' }),
        filesystem: text('Its kind.', { source: '/proc/1/mountinfo' }),
        total_bytes: count('bytes', 'Size of the file system.', {
          source: 'statfs',
          metric: 'hzstat_disk_partition_size_bytes',
        }),
        used_bytes: count('bytes', 'Used space of the file system.', {
          source: 'statfs',
          metric: 'hzstat_disk_partition_used_bytes',
        }),
        free_bytes: count('bytes', 'Space of the file system that users without privileges may still fill.', {
          source: 'statfs',
          metric: 'hzstat_disk_partition_available_bytes',
        }),
        percent: gauge(
          'percent',
          'Used share of the space that users without privileges can have, as df shows it.',
          {
            source: 'statfs',
            metric: 'hzstat_disk_partition_used_ratio',
          },
        ),
      },
    },
  },
});
