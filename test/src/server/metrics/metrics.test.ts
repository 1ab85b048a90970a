import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { COLLECTOR_NAMES } from '../../../../src/model/collectors.ts';
import { FIELDS } from '../../../../src/model/listing/fields.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { metricsText } from '../../../../src/server/metrics/metrics.ts';
import type { ProcessFacts } from '../../../../src/server/metrics/process_facts.ts';
import { cpuSeconds } from '../../../support/cpu_seconds.ts';
import { declaredSnapshots } from '../../../support/declared_snapshots.ts';
import { Exposition } from '../../../support/exposition.ts';
import { HAS_PROMTOOL } from '../../../support/prometheus.ts';
import { skipUnless } from '../../../support/skip.ts';
import { wholeSnapshot } from '../../../support/snapshots.ts';

const PROCESS: ProcessFacts = {
  version: '1.2.3',
  nodeVersion: '20.19.0',
  cpuSeconds: 12.5,
  residentBytes: 90_000_000,
  startedSeconds: 1_767_600_000,
};

/** Nothing but what every snapshot has. */
function bare(parts: Partial<Snapshot> = {}): Snapshot {
  return {
    type: 'snapshot',
    sequence: 0,
    timestamp: '2026-01-05T10:00:00.100000Z',
    sampling: {
      tick: 1,
      interval_ms: 100,
      lateness_ms: 0.25,
      missed_ticks: 0,
      memory_bytes: 1,
      collectors: {},
    },
    ...parts,
  };
}

const counters = {
  bytes_sent: 1,
  bytes_recv: 2,
  packets_sent: 3,
  packets_recv: 4,
  errin: 5,
  errout: 6,
  dropin: 7,
  dropout: 8,
};
const diskCounters = { read_bytes: 512, write_bytes: 1_024, read_count: 1, write_count: 2 };

/** Every field of every collector, and names that nobody would choose. */
function full(): Snapshot {
  return bare({
    sequence: 41,
    cpu: {
      usage_percent: 60,
      per_core: [20, null, 100],
      user_percent: 30,
      nice_percent: 1,
      system_percent: 20,
      idle_percent: 30,
      iowait_percent: 10,
      irq_percent: 2,
      softirq_percent: 3,
      steal_percent: 4,
      frequency_mhz: 2_400.5,
      load_avg_1m: 1.5,
      load_avg_5m: 2.5,
      load_avg_15m: 3.5,
      temperature_celsius: 65.25,
      ...cpuSeconds(3),
    },
    memory: {
      total_bytes: 1_000,
      available_bytes: 600,
      used_bytes: 400,
      percent: 40,
      swap_total_bytes: 100,
      swap_used_bytes: 25,
      swap_percent: 25,
      buffers_bytes: 7,
      cached_bytes: 8,
      free_bytes: 9,
    },
    network: {
      ...counters,
      interfaces: {
        eth0: { ...counters, in_total: true },
        'we"ird\\if\n': { ...counters, bytes_recv: 77, in_total: false },
        __proto__2: { ...counters, in_total: false },
      },
    },
    disk: {
      ...diskCounters,
      devices: {
        sda: {
          ...diskCounters,
          busy_seconds: 10.5,
          read_seconds: 4.25,
          write_seconds: 8.125,
          in_flight: 3,
          busy_percent: 12.5,
          read_latency_ms: 2,
          write_latency_ms: null,
          in_total: true,
        },
      },
      partitions: {
        '/mnt/a "b"\\\n': {
          total_bytes: 300,
          used_bytes: 100,
          free_bytes: 100,
          percent: 50,
          device: '/dev/sda1',
          filesystem: 'ext4',
        },
      },
      partitions_stuck: ['/mnt/dead'],
    },
    perf_events: {
      available: false,
      cpu_cores: 'all',
      interval_ms: 100,
      elapsed_ms: 200,
      events: {
        cycles: { value: 1_000_000, total: 1_000_000, unit: null, running_percent: 50 },
        'cpu-clock': { value: 400, total: 400, unit: 'msec', running_percent: 100 },
        branches: { value: null, total: null, unit: null },
        energy: { value: 3, total: 3, unit: 'Joules' },
      },
    },
    memory_bandwidth: {
      pgpgin_per_sec: 2,
      pgpgout_per_sec: 3,
      pswpin_per_sec: null,
      pswpout_per_sec: 0,
      pgfault_per_sec: 10,
      pgmajfault_per_sec: 1,
      pgpgin: 2_048,
      pgpgout: 4_096,
      pswpin: 0,
      pswpout: 512,
      pgfault: 100_000,
      pgmajfault: 30,
      oom_kills: 0,
    },
    pressure: {
      cpu: { some_percent: 1, full_percent: null, some_total_us: 1_500_000, full_total_us: null },
      memory: { some_total_us: 0, full_total_us: 0 },
      io: { some_total_us: 3_000_001, full_total_us: 2_000_000 },
      irq: { some_total_us: null, full_total_us: 250_000 },
    },
    interrupts: {
      context_switches: 100,
      interrupts: 200,
      soft_interrupts: 300,
      forks: 400,
      tasks_running: 5,
      tasks_blocked: 6,
      softirqs: { timer: { handled: 7 }, net_rx: { handled: 8 } },
    },
    cgroups: wholeSnapshot(1).cgroups!,
    sampling: {
      tick: 42,
      interval_ms: 200,
      actual_interval_ms: 201.5,
      lateness_ms: 1.5,
      missed_ticks: 9,
      cpu_percent: 2,
      memory_bytes: 1,
      budget: { limit_percent: 2, asked_interval_ms: 100, changes: 3 },
      history: { state: 'failing', lost_snapshots: 11, message: 'no space' },
      collectors: {
        cpu: { state: 'ok', lateness_ms: 0.5, duration_ms: 0.125, elapsed_ms: 100, missed_ticks: 2 },
        memory: { state: 'warming_up' },
        disk: { state: 'late', missed_ticks: 4 },
        network: { state: 'failed', code: 'SOURCE_MISSING', message: 'there is no /proc/net/dev' },
        perf_events: { state: 'disabled' },
      },
    },
  });
}

test('numbers of collectors of the user are told by their path', () => {
  const { sampling } = bare();
  const queues = {
    mail: { length: 3, name: 'text', full: false, oldest: null },
    'print"er': [1, 2.5],
    'mail.length': 4,
  };
  const state = { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0 } as const;
  const snapshot = bare({
    sampling: { ...sampling, collectors: { queues: state, gone: { state: 'disabled' } } },
  });
  const series = read(Object.assign(snapshot, { queues })).families.get('hzstat_custom')?.series;
  expect(series).toEqual([
    // Two that read alike: no series is there twice.
    { labels: { collector: 'queues', field: 'mail.length' }, value: 4 },
    { labels: { collector: 'queues', field: 'print"er.0' }, value: 1 },
    { labels: { collector: 'queues', field: 'print"er.1' }, value: 2.5 },
  ]);
});

const textOf = (snapshot: Snapshot): string => metricsText(snapshot, PROCESS);
const read = (snapshot: Snapshot): Exposition => new Exposition(textOf(snapshot));

describe('a snapshot with everything', () => {
  const metrics = read(full());

  test.each<[string, Record<string, string>, number]>([
    ['hzstat_cpu_usage_ratio', {}, 0.6],
    ['hzstat_cpu_mode_ratio', { mode: 'iowait' }, 0.1],
    ['hzstat_cpu_mode_ratio', { mode: 'steal' }, 0.04],
    ['hzstat_cpu_core_usage_ratio', { core: '0' }, 0.2],
    ['hzstat_cpu_seconds_total', { mode: 'user' }, 1_000.25],
    ['hzstat_cpu_seconds_total', { mode: 'steal' }, 8_002],
    ['hzstat_cpu_core_seconds_total', { core: '2', mode: 'nice' }, 102.5],
    ['hzstat_disk_device_busy_seconds_total', { device: 'sda' }, 10.5],
    ['hzstat_disk_device_read_seconds_total', { device: 'sda' }, 4.25],
    ['hzstat_paging_faults_total', {}, 100_000],
    ['hzstat_paging_written_bytes_total', {}, 4_096 * 1_024],
    ['hzstat_perf_events_total', { event: 'cycles' }, 1_000_000],
    ['hzstat_perf_clock_seconds_total', { event: 'cpu-clock' }, 0.4],
    ['hzstat_cpu_core_usage_ratio', { core: '2' }, 1],
    ['hzstat_cpu_frequency_hertz', {}, 2_400_500_000],
    ['hzstat_cpu_temperature_celsius', {}, 65.25],
    ['hzstat_load1', {}, 1.5],
    ['hzstat_load5', {}, 2.5],
    ['hzstat_load15', {}, 3.5],
    ['hzstat_memory_used_ratio', {}, 0.4],
    ['hzstat_memory_swap_used_ratio', {}, 0.25],
    ['hzstat_memory_cached_bytes', {}, 8],
    ['hzstat_network_receive_bytes_total', {}, 2],
    ['hzstat_network_transmit_bytes_total', {}, 1],
    ['hzstat_network_interface_receive_packets_total', { interface: 'eth0' }, 4],
    ['hzstat_network_interface_transmit_packets_total', { interface: 'eth0' }, 3],
    ['hzstat_network_interface_receive_errors_total', { interface: 'eth0' }, 5],
    ['hzstat_network_interface_transmit_errors_total', { interface: 'eth0' }, 6],
    ['hzstat_network_interface_receive_drops_total', { interface: 'eth0' }, 7],
    ['hzstat_network_interface_transmit_drops_total', { interface: 'eth0' }, 8],
    ['hzstat_network_interface_receive_bytes_total', { interface: 'we"ird\\if\n' }, 77],
    ['hzstat_network_interface_summed', { interface: 'eth0' }, 1],
    ['hzstat_network_interface_summed', { interface: '__proto__2' }, 0],
    ['hzstat_disk_read_bytes_total', {}, 512],
    ['hzstat_disk_device_written_bytes_total', { device: 'sda' }, 1_024],
    ['hzstat_disk_device_reads_completed_total', { device: 'sda' }, 1],
    ['hzstat_disk_device_writes_completed_total', { device: 'sda' }, 2],
    ['hzstat_disk_device_requests_in_flight', { device: 'sda' }, 3],
    ['hzstat_disk_device_busy_ratio', { device: 'sda' }, 0.125],
    ['hzstat_disk_device_read_latency_seconds', { device: 'sda' }, 0.002],
    [
      'hzstat_disk_partition_used_ratio',
      { mount_point: '/mnt/a "b"\\\n', device: '/dev/sda1', filesystem: 'ext4' },
      0.5,
    ],
    ['hzstat_disk_partition_stuck', { mount_point: '/mnt/dead' }, 1],
    ['hzstat_perf_available', {}, 0],
    ['hzstat_perf_events_per_second', { event: 'cycles' }, 5_000_000],
    ['hzstat_perf_clock_seconds_per_second', { event: 'cpu-clock' }, 2],
    ['hzstat_perf_event_running_ratio', { event: 'cycles' }, 0.5],
    ['hzstat_paging_read_bytes_per_second', {}, 2_048],
    ['hzstat_paging_swap_out_bytes_per_second', {}, 0],
    ['hzstat_paging_faults_per_second', {}, 10],
    ['hzstat_pressure_some_seconds_total', { resource: 'cpu' }, 1.5],
    ['hzstat_pressure_some_seconds_total', { resource: 'io' }, 3.000001],
    ['hzstat_pressure_full_seconds_total', { resource: 'irq' }, 0.25],
    ['hzstat_context_switches_total', {}, 100],
    ['hzstat_soft_interrupts_by_kind_total', { kind: 'net_rx' }, 8],
    ['hzstat_forks_total', {}, 400],
    ['hzstat_cgroup_cpu_seconds_total', { cgroup: 'nginx.service' }, 1_000],
    ['hzstat_cgroup_cpu_mode_seconds_total', { cgroup: 'nginx.service', mode: 'system' }, 200],
    ['hzstat_cgroup_cpu_throttled_ratio', { cgroup: 'docker/9f3c12ab34cd (shop)' }, 0.8],
    ['hzstat_cgroup_memory_bytes', { cgroup: 'user-1000.slice (alice)' }, 536_870_912],
    ['hzstat_cgroup_written_bytes_total', { cgroup: 'nginx.service' }, 1_073_741_824],
    ['hzstat_cgroup_pressure_full_seconds_total', { cgroup: 'nginx.service', resource: 'io' }, 0.04],
    ['hzstat_tasks_blocked', {}, 6],
    ['hzstat_snapshot_timestamp_seconds', {}, 1_767_607_200.1],
    ['hzstat_snapshots_total', {}, 42],
    ['hzstat_sampling_interval_seconds', {}, 0.2],
    ['hzstat_sampling_actual_interval_seconds', {}, 0.2015],
    ['hzstat_sampling_lateness_seconds', {}, 0.0015],
    ['hzstat_sampling_missed_ticks_total', {}, 9],
    ['hzstat_budget_ratio', {}, 0.02],
    ['hzstat_budget_asked_interval_seconds', {}, 0.1],
    ['hzstat_budget_interval_changes_total', {}, 3],
    ['hzstat_collector_up', { collector: 'cpu' }, 1],
    ['hzstat_collector_up', { collector: 'memory' }, 0],
    ['hzstat_collector_up', { collector: 'disk' }, 0],
    ['hzstat_collector_up', { collector: 'network' }, 0],
    ['hzstat_collector_enabled', { collector: 'network' }, 1],
    ['hzstat_collector_enabled', { collector: 'perf_events' }, 0],
    ['hzstat_collector_failure_info', { collector: 'network', code: 'SOURCE_MISSING' }, 1],
    ['hzstat_collector_lateness_seconds', { collector: 'cpu' }, 0.0005],
    ['hzstat_collector_read_duration_seconds', { collector: 'cpu' }, 0.000125],
    ['hzstat_collector_elapsed_seconds', { collector: 'cpu' }, 0.1],
    ['hzstat_collector_missed_ticks_total', { collector: 'disk' }, 4],
    ['hzstat_history_recording', {}, 0],
    ['hzstat_history_lost_snapshots_total', {}, 11],
    ['hzstat_process_cpu_seconds_total', {}, 12.5],
    ['hzstat_process_resident_memory_bytes', {}, 90_000_000],
    ['hzstat_process_start_time_seconds', {}, 1_767_600_000],
    ['hzstat_build_info', { version: '1.2.3', node: '20.19.0' }, 1],
  ])('%s%j is %d', (name, labels, value) => {
    expect(metrics.value(name, labels)).toBeCloseTo(value, 9);
  });

  test('has the family of every field that names one', () => {
    // Some have one field missing, some another.
    const all = new Set(
      declaredSnapshots(1, 20, 0).flatMap((snapshot) => [...read(snapshot).families.keys()]),
    );
    const named = FIELDS.flatMap(({ path, prometheus }) =>
      prometheus === null || path.startsWith('perf_events.') ? [] : [prometheus],
    );
    expect(named.filter((name) => !all.has(name))).toEqual([]);
  });

  test('has a counter for every counter, and for nothing else', () => {
    for (const { path, kind, prometheus } of FIELDS) {
      if (prometheus !== null)
        expect([path, prometheus.endsWith('_total')]).toEqual([path, kind === 'counter']);
    }
  });

  test('only what ends in _total is a counter', () => {
    for (const [name, { type, help }] of metrics.families) {
      expect(name).toMatch(/^hzstat_[a-z0-9_]+$/);
      expect(type, name).toBe(name.endsWith('_total') ? 'counter' : 'gauge');
      expect(help, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  test.skipIf(skipUnless('promtool', HAS_PROMTOOL))('has nothing promtool would complain about', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: textOf(full()),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('what is missing has no series', () => {
  const metrics = read(full());

  test('an offline core', () => {
    expect(metrics.labelValues('hzstat_cpu_core_usage_ratio', 'core')).toEqual(['0', '2']);
  });

  test('a latency when nothing completed', () => {
    expect(metrics.families.has('hzstat_disk_device_write_latency_seconds')).toBe(false);
  });

  test('an event that was not counted, or in a unit nobody knows', () => {
    expect(metrics.labelValues('hzstat_perf_events_per_second', 'event')).toEqual(['cycles']);
    expect(metrics.labelValues('hzstat_perf_event_running_ratio', 'event')).toEqual(['cycles', 'cpu-clock']);
  });

  test('stall times the kernel does not define', () => {
    expect(metrics.labelValues('hzstat_pressure_some_seconds_total', 'resource')).toEqual([
      'cpu',
      'memory',
      'io',
    ]);
    expect(metrics.labelValues('hzstat_pressure_full_seconds_total', 'resource')).toEqual([
      'memory',
      'io',
      'irq',
    ]);
  });

  test('swap the kernel was built without', () => {
    expect(metrics.families.has('hzstat_paging_swap_in_bytes_per_second')).toBe(false);
  });

  test('fields an older kernel does not print', () => {
    expect(metrics.families.has('hzstat_memory_dirty_bytes')).toBe(false);
  });

  test('whether a collector that is switched off is up', () => {
    expect(metrics.labelValues('hzstat_collector_up', 'collector')).toEqual([
      'cpu',
      'memory',
      'disk',
      'network',
    ]);
  });

  test('rates of perf before its first interval', () => {
    const before = read(
      bare({ perf_events: { available: true, cpu_cores: 'all', interval_ms: 100, events: {} } }),
    );
    expect([...before.families.keys()].filter((name) => name.startsWith('hzstat_perf'))).toEqual([
      'hzstat_perf_available',
      'hzstat_perf_user_space_only',
    ]);
  });

  test('sensors a host does not have', () => {
    const { cpu } = full();
    const virtual = read(bare({ cpu: { ...cpu!, frequency_mhz: null, temperature_celsius: null } }));
    expect([...virtual.families.keys()].filter((name) => /frequency|temperature/.test(name))).toEqual([]);
  });

  test.each(COLLECTOR_NAMES)('%s, when it is not in the snapshot', (name) => {
    const { [name]: _, ...others } = full();
    const without = read(others);
    const gone = [...metrics.families.keys()].filter((family) => !without.families.has(family));
    expect(gone.length).toBeGreaterThan(1);
    const { [name]: data } = full();
    const alone = read(bare({ [name]: data }));
    for (const family of gone) expect(alone.families.has(family)).toBe(true);
  });

  test('everything but the sampler, when nothing was read', () => {
    const names = [...read(bare()).families.keys()];
    expect(names).toEqual([
      'hzstat_sampling_missed_ticks_total',
      'hzstat_sampling_interval_seconds',
      'hzstat_sampling_lateness_seconds',
      'hzstat_snapshot_timestamp_seconds',
      'hzstat_snapshots_total',
      'hzstat_process_cpu_seconds_total',
      'hzstat_process_resident_memory_bytes',
      'hzstat_process_start_time_seconds',
      'hzstat_build_info',
    ]);
  });
});
