import type { CgroupData, Snapshot } from '../../src/model/snapshot.ts';
import { cpuSeconds } from './cpu_seconds.ts';

/** Whole snapshots made by hand, for what draws or encodes them. */

const MIB = 1_048_576;
const GIB = 1_073_741_824;

const COUNTERS = {
  bytes_sent: 10 * MIB,
  bytes_recv: 20 * MIB,
  packets_sent: 1_000,
  packets_recv: 2_000,
  errin: 0,
  errout: 0,
  dropin: 0,
  dropout: 0,
  bytes_sent_per_sec: 2 * MIB,
  bytes_recv_per_sec: 3 * MIB,
  packets_sent_per_sec: 200,
  packets_recv_per_sec: 300,
};

const DISK = {
  read_bytes: GIB,
  write_bytes: GIB,
  read_count: 1_000,
  write_count: 1_000,
  read_bytes_per_sec: 4 * MIB,
  write_bytes_per_sec: 5 * MIB,
  reads_per_sec: 40,
  writes_per_sec: 50,
};

/** A machine of so many cores about which everything is known. */
export function wholeSnapshot(tick: number, cores = 4): Snapshot {
  const ok = { state: 'ok', lateness_ms: 0.2, duration_ms: 0.1, elapsed_ms: 100, missed_ticks: 0 } as const;
  const stall = { some_percent: 12.5, full_percent: 2.5, some_total_us: 1_000, full_total_us: 100 };
  return {
    type: 'snapshot',
    sequence: tick,
    timestamp: new Date(Date.UTC(2026, 0, 5, 10) + tick * 100).toISOString().replace('Z', '000Z'),
    cpu: {
      usage_percent: 43.5,
      per_core: Array.from({ length: cores }, (_, core) => (core * 13) % 101),
      user_percent: 20,
      nice_percent: 1.5,
      system_percent: 10,
      idle_percent: 50,
      iowait_percent: 6.5,
      irq_percent: 1,
      softirq_percent: 3,
      steal_percent: 8,
      frequency_mhz: 2_400,
      load_avg_1m: 1.25,
      load_avg_5m: 2.5,
      load_avg_15m: 3.75,
      temperature_celsius: 67,
      ...cpuSeconds(cores),
    },
    memory: {
      total_bytes: 16 * GIB,
      available_bytes: 8 * GIB,
      used_bytes: 8 * GIB,
      percent: 50,
      swap_total_bytes: 4 * GIB,
      swap_used_bytes: GIB,
      swap_percent: 25,
      buffers_bytes: 256 * MIB,
      cached_bytes: 3 * GIB,
      dirty_bytes: 5 * MIB,
    },
    network: {
      ...COUNTERS,
      interfaces: {
        lo: { ...COUNTERS, in_total: false },
        eth0: { ...COUNTERS, in_total: true },
        eth1: { ...COUNTERS, in_total: true, dropin: 12 },
      },
    },
    disk: {
      ...DISK,
      devices: {
        loop0: {
          ...DISK,
          read_count: 0,
          write_count: 0,
          busy_seconds: 0,
          read_seconds: 0,
          write_seconds: 0,
          in_flight: 0,
          in_total: false,
        },
        nvme0n1: {
          ...DISK,
          busy_seconds: 10.5,
          read_seconds: 4.25,
          write_seconds: 8.125,
          in_flight: 3,
          busy_percent: 75,
          read_latency_ms: 0.4,
          write_latency_ms: null,
          in_total: true,
        },
      },
      partitions: {
        '/': partition(50),
        '/var/lib/a-directory-with-a-rather-long-name': partition(95),
      },
    },
    perf_events: {
      available: true,
      cpu_cores: 'all',
      interval_ms: 100,
      sample_time: '1.000',
      elapsed_ms: 100,
      events: {
        cycles: { value: 1e9, total: 1e9, unit: null },
        instructions: { value: 1.8e9, total: 1.8e9, unit: null },
        branches: { value: 1e6, total: 1e6, unit: null },
        'branch-misses': { value: 25_000, total: 25_000, unit: null },
        'context-switches': { value: 500, total: 500, unit: null },
        'cpu-clock': { value: 400, total: 400, unit: 'msec' },
      },
    },
    memory_bandwidth: {
      pgpgin_per_sec: 1_024,
      pgpgout_per_sec: 2_048,
      pswpin_per_sec: 0,
      pswpout_per_sec: 512,
      pgfault_per_sec: 36_200,
      pgmajfault_per_sec: 3,
      pgpgin: 2_048,
      pgpgout: 4_096,
      pswpin: 0,
      pswpout: 512,
      pgfault: 100_000,
      pgmajfault: 30,
      oom_kills: 0,
    },
    pressure: { cpu: { ...stall, full_percent: null, full_total_us: null }, memory: stall, io: stall },
    interrupts: {
      context_switches: 1e6,
      interrupts: 1e6,
      soft_interrupts: 1e6,
      forks: 1_000,
      context_switches_per_sec: 5_000,
      interrupts_per_sec: 2_500,
      soft_interrupts_per_sec: 1_500,
      forks_per_sec: 10,
      tasks_running: 3,
      tasks_blocked: 1,
      softirqs: { timer: { handled: 1_000, handled_per_sec: 250 } },
    },
    cgroups: {
      groups: {
        'nginx.service': cgroup(12.5, 'service'),
        'docker/9f3c12ab34cd (shop)': { ...cgroup(150, 'container'), throttled_percent: 80 },
        'user-1000.slice (alice)': cgroup(3, 'slice'),
      },
    },
    sampling: {
      tick,
      interval_ms: 100,
      actual_interval_ms: 100.1,
      lateness_ms: 0.25,
      missed_ticks: 2,
      cpu_percent: 1.5,
      memory_bytes: 80 * MIB,
      history: { state: 'recording', lost_snapshots: 0 },
      collectors: {
        cpu: ok,
        memory: ok,
        network: ok,
        disk: ok,
        perf_events: ok,
        memory_bandwidth: ok,
        pressure: ok,
        interrupts: ok,
        cgroups: ok,
      },
    },
  };
}

function partition(percent: number) {
  return {
    total_bytes: 100 * GIB,
    used_bytes: percent * GIB,
    free_bytes: (100 - percent) * GIB,
    percent,
    device: '/dev/nvme0n1p1',
    filesystem: 'ext4',
  };
}

/** A group that uses so much CPU time, and about which everything is known. */
function cgroup(cpu_percent: number, kind: string): CgroupData {
  return {
    cpu_percent,
    user_percent: cpu_percent * 0.8,
    system_percent: cpu_percent * 0.2,
    throttled_percent: 0,
    throttled_periods: 20,
    memory_bytes: 512 * MIB,
    swap_bytes: MIB,
    major_faults_per_sec: 2,
    read_bytes_per_sec: MIB,
    write_bytes_per_sec: 2 * MIB,
    reads_per_sec: 10,
    writes_per_sec: 20,
    tasks: 12,
    cpu_pressure_some_percent: 5,
    cpu_pressure_full_percent: 1,
    memory_pressure_some_percent: 0,
    memory_pressure_full_percent: 0,
    io_pressure_some_percent: 4,
    io_pressure_full_percent: 3,
    cpu_seconds: 1_000,
    user_seconds: 800,
    system_seconds: 200,
    quota_periods: 1_000,
    throttled_seconds: 1.5,
    major_faults: 100,
    oom_kills: 1,
    read_bytes: GIB,
    write_bytes: GIB,
    read_count: 1_000,
    write_count: 2_000,
    cpu_pressure_some_total_us: 1_000_000,
    cpu_pressure_full_total_us: 100_000,
    memory_pressure_some_total_us: 0,
    memory_pressure_full_total_us: 0,
    io_pressure_some_total_us: 50_000,
    io_pressure_full_total_us: 40_000,
    kind,
  };
}
