import { collector } from './collector.ts';
import { count, counter, type Field, orAbsent, rate, share, text } from './field.ts';

const NO_CPU = 'absent where the group has no CPU accounting';
const NO_QUOTA = 'absent where the cpu controller is not enabled for the group';
const NO_MEMORY = 'absent where the memory controller is not enabled for the group';
const NO_IO = 'absent where the io controller (blkio in version 1) is not enabled for the group';
const NO_PIDS = 'absent where the pids controller is not enabled for the group';
const NO_PSI = 'absent in version 1, and where the kernel does not account stall times by group';

/** CPU time by its kind, to the microsecond in version 2 and to the nanosecond in version 1. */
function cpuSeconds(meaning: string, mode?: string): Field<number, 'absent'> {
  const metric =
    mode === undefined
      ? 'hzstat_cgroup_cpu_seconds_total'
      : {
          name: 'hzstat_cgroup_cpu_mode_seconds_total',
          labels: { mode },
          help: 'CPU time of the group by mode.',
        };
  return orAbsent(counter('seconds', meaning, { digits: 6, metric }), NO_CPU);
}

function cpuPercent(of: string, meaning: string): Field<number, 'absent'> {
  return rate('percent', of, `${meaning}, as a share of one core: two cores busy all the time are 200.`, {
    digits: 2,
  });
}

function counted(unit: 'bytes' | 'requests', meaning: string, name: string): Field<number, 'absent'> {
  return orAbsent(
    counter(unit, meaning, { source: 'io.stat, blkio.throttle.*', metric: `hzstat_cgroup_${name}_total` }),
    NO_IO,
  );
}

/** Shares and totals of the time in which tasks of a group waited for a resource. */
function stalls<R extends 'cpu' | 'memory' | 'io'>(resource: R) {
  const source = `${resource}.pressure`;
  const percent = (meaning: string) =>
    orAbsent(share(meaning, { source }), `${NO_PSI}; and in the first sample`);
  const total = (row: string, meaning: string) =>
    orAbsent(
      counter('us', meaning, {
        source,
        metric: {
          name: `hzstat_cgroup_pressure_${row}_seconds_total`,
          labels: { resource },
          help: `Time in which ${row === 'some' ? 'at least one task' : 'all tasks'} of the group waited for the resource.`,
        },
      }),
      NO_PSI,
    );
  return {
    some: percent(`Time in which at least one task of the group waited for ${resource}.`),
    full: percent(`Time in which all tasks of the group that had something to do waited for ${resource}.`),
    someTotal: total('some', `Time in which at least one task of the group waited for ${resource}.`),
    fullTotal: total('full', `Time in which all tasks of the group waited for ${resource}.`),
  };
}

const [cpuStalls, memoryStalls, ioStalls] = [stalls('cpu'), stalls('memory'), stalls('io')];

export const cgroups = collector({
  name: 'cgroups',
  meaning:
    'What each service, container, pod and user of the host uses and waits for, by its control group, versions 1 and 2.',
  source: 'cpu.stat, cpuacct.usage',
  onRequest: true,
  fields: {},
  maps: {
    groups: {
      label: 'cgroup',
      meaning:
        'Every group that is a service, a scope, a container, a pod or a user slice, by the name a person knows.',
      table: 'cgroup',
      fields: {
        cpu_percent: cpuPercent('cpu_seconds', 'CPU time the group used'),
        user_percent: cpuPercent('user_seconds', 'CPU time in programs'),
        system_percent: cpuPercent('system_seconds', 'CPU time in the kernel'),
        throttled_percent: orAbsent(
          share(
            'Enforcement periods of the CPU quota in which the group was stopped, of those that ended since the reading before; where none ended, of the last, for up to 250 ms.',
            { source: 'cpu.stat', metric: 'hzstat_cgroup_cpu_throttled_ratio' },
          ),
          `${NO_QUOTA}; and in the first sample`,
        ),
        throttled_periods: orAbsent(
          counter('', 'Enforcement periods in which the group used up its CPU quota and was stopped.', {
            source: 'cpu.stat',
            metric: 'hzstat_cgroup_cpu_throttled_periods_total',
          }),
          NO_QUOTA,
        ),
        memory_bytes: orAbsent(
          count('bytes', 'Memory of the group, page cache included.', {
            source: 'memory.current, memory.usage_in_bytes',
            metric: 'hzstat_cgroup_memory_bytes',
          }),
          NO_MEMORY,
        ),
        swap_bytes: orAbsent(
          count('bytes', 'Swap the group uses.', {
            source: 'memory.swap.current, memory.stat',
            metric: 'hzstat_cgroup_swap_bytes',
          }),
          `${NO_MEMORY}, or swap is not accounted`,
        ),
        major_faults_per_sec: rate('events/s', 'major_faults', 'Major page faults a second.'),
        read_bytes_per_sec: rate('bytes/s', 'read_bytes', 'Bytes read a second.'),
        write_bytes_per_sec: rate('bytes/s', 'write_bytes', 'Bytes written a second.'),
        reads_per_sec: rate('requests/s', 'read_count', 'Reads a second.'),
        writes_per_sec: rate('requests/s', 'write_count', 'Writes a second.'),
        tasks: orAbsent(
          count('tasks', 'Processes and threads in the group.', {
            source: 'pids.current',
            metric: 'hzstat_cgroup_tasks',
          }),
          NO_PIDS,
        ),
        cpu_pressure_some_percent: cpuStalls.some,
        cpu_pressure_full_percent: cpuStalls.full,
        memory_pressure_some_percent: memoryStalls.some,
        memory_pressure_full_percent: memoryStalls.full,
        io_pressure_some_percent: ioStalls.some,
        io_pressure_full_percent: ioStalls.full,
        cpu_seconds: cpuSeconds('CPU time since the group was made.'),
        user_seconds: cpuSeconds('CPU time in programs since the group was made.', 'user'),
        system_seconds: cpuSeconds('CPU time in the kernel since the group was made.', 'system'),
        quota_periods: orAbsent(
          counter('', 'Enforcement periods of the CPU quota that have passed.', {
            source: 'cpu.stat',
            metric: 'hzstat_cgroup_cpu_periods_total',
          }),
          NO_QUOTA,
        ),
        throttled_seconds: orAbsent(
          counter('seconds', 'Time the group was stopped for want of CPU quota, added up over CPUs.', {
            digits: 6,
            source: 'cpu.stat',
            metric: 'hzstat_cgroup_cpu_throttled_seconds_total',
          }),
          NO_QUOTA,
        ),
        major_faults: orAbsent(
          counter('events', 'Major page faults.', {
            source: 'memory.stat',
            metric: 'hzstat_cgroup_major_faults_total',
          }),
          NO_MEMORY,
        ),
        oom_kills: orAbsent(
          counter('events', 'Processes of the group that were killed for want of memory.', {
            source: 'memory.events, memory.oom_control',
            metric: 'hzstat_cgroup_oom_kills_total',
          }),
          `${NO_MEMORY}, and before Linux 4.13`,
        ),
        read_bytes: counted('bytes', 'Bytes read from disks.', 'read_bytes'),
        write_bytes: counted('bytes', 'Bytes written to disks.', 'written_bytes'),
        read_count: counted('requests', 'Reads from disks.', 'reads'),
        write_count: counted('requests', 'Writes to disks.', 'writes'),
        cpu_pressure_some_total_us: cpuStalls.someTotal,
        cpu_pressure_full_total_us: cpuStalls.fullTotal,
        memory_pressure_some_total_us: memoryStalls.someTotal,
        memory_pressure_full_total_us: memoryStalls.fullTotal,
        io_pressure_some_total_us: ioStalls.someTotal,
        io_pressure_full_total_us: ioStalls.fullTotal,
        kind: text(
          'What the group is: service, scope, slice (of a user), container, pod, machine or group.',
          {
            source: '/sys/fs/cgroup',
          },
        ),
      },
    },
  },
});
