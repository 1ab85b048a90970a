import { collector } from './collector.ts';
import { counter, gauge, orNull, share } from './field.ts';

const IDLE_TIMES = 'cpuidle, cpuacct, schedstat or /proc/stat, the finest the host has';

function ofKind(mode: string, meaning: string) {
  const help = 'Share of the CPU time of the latest interval by kind; the kinds add up to 1.';
  return share(meaning, { metric: { name: 'hzstat_cpu_mode_ratio', labels: { mode }, help } });
}

/** CPU time by kind, told apart in SQL and snapshots by the name of the field and in /metrics by `mode`. */
function secondsOf(of: string, metric: string) {
  const told = (mode: string, meaning: string) =>
    counter('seconds', `${meaning}, since boot, ${of}.`, {
      digits: 2,
      metric: { name: metric, labels: { mode }, help: `CPU time since boot by kind, ${of}.` },
    });
  return {
    user_seconds: told('user', 'CPU time in user space, guests included'),
    nice_seconds: told('nice', 'CPU time in user space of processes that gave way to others'),
    system_seconds: told('system', 'CPU time in the kernel'),
    idle_seconds: told('idle', 'CPU time with nothing to do'),
    iowait_seconds: told('iowait', 'CPU time with nothing to do but wait for a disk'),
    irq_seconds: told('irq', 'CPU time spent on interrupts'),
    softirq_seconds: told('softirq', 'CPU time spent on soft interrupts'),
    steal_seconds: told('steal', 'CPU time the hypervisor gave to others'),
  };
}

const OF_CORE = secondsOf('of this core', 'hzstat_cpu_core_seconds_total');

/** A list with the seconds of each core; a column of the table of cores. */
function perCore<const C extends keyof typeof OF_CORE>(column: C) {
  return {
    label: 'core',
    meaning: 'Each core, by its number.',
    table: 'cpu_core',
    column,
    field: orNull(OF_CORE[column], 'null: the core is offline'),
  };
}

const NO_LOAD = 'null: /proc/loadavg cannot be read';

export const cpu = collector({
  name: 'cpu',
  meaning: 'How busy the CPUs were, and with what.',
  source: '/proc/stat',
  table: 'cpu',
  fields: {
    usage_percent: share('Time the CPUs were busy: 100 less idle and waiting for a disk.', {
      source: IDLE_TIMES,
      metric: 'hzstat_cpu_usage_ratio',
    }),
    user_percent: ofKind('user', 'Time in user space, guests included.'),
    nice_percent: ofKind('nice', 'Time in user space of processes that gave way to others.'),
    system_percent: ofKind('system', 'Time in the kernel.'),
    idle_percent: ofKind('idle', 'Time with nothing to do.'),
    iowait_percent: ofKind('iowait', 'Time with nothing to do but wait for a disk.'),
    irq_percent: ofKind('irq', 'Time spent on interrupts.'),
    softirq_percent: ofKind('softirq', 'Time spent on soft interrupts.'),
    steal_percent: ofKind('steal', 'Time the hypervisor gave to others.'),
    frequency_mhz: orNull(
      gauge('MHz', 'Clock rate, as the mean of the online cores, once a second.', {
        digits: 0,
        source: 'cpufreq, else /proc/cpuinfo',
        metric: 'hzstat_cpu_frequency_hertz',
      }),
      'null: this host tells no frequency (neither cpufreq nor /proc/cpuinfo)',
    ),
    load_avg_1m: orNull(
      gauge('', 'Load average over one minute.', {
        source: '/proc/loadavg',
        metric: 'hzstat_load1',
      }),
      NO_LOAD,
    ),
    load_avg_5m: orNull(
      gauge('', 'Load average over five minutes.', {
        source: '/proc/loadavg',
        metric: 'hzstat_load5',
      }),
      NO_LOAD,
    ),
    load_avg_15m: orNull(
      gauge('', 'Load average over fifteen minutes.', {
        source: '/proc/loadavg',
        metric: 'hzstat_load15',
      }),
      NO_LOAD,
    ),
    temperature_celsius: orNull(
      gauge('celsius', 'Temperature of the hottest CPU package, once a second.', {
        digits: 1,
        source: 'hwmon, else a thermal zone of the CPU',
        metric: 'hzstat_cpu_temperature_celsius',
      }),
      'null: this host has no temperature sensor (hwmon or thermal zone)',
    ),
    ...secondsOf('of all cores together', 'hzstat_cpu_seconds_total'),
  },
  lists: {
    per_core: {
      label: 'core',
      meaning: 'Each core, by its number.',
      table: 'cpu_core',
      column: 'usage_percent',
      field: orNull(
        share('Time this core was busy.', { source: IDLE_TIMES, metric: 'hzstat_cpu_core_usage_ratio' }),
        'null: the core is offline, or has just come online',
      ),
    },
    per_core_user_seconds: perCore('user_seconds'),
    per_core_nice_seconds: perCore('nice_seconds'),
    per_core_system_seconds: perCore('system_seconds'),
    per_core_idle_seconds: perCore('idle_seconds'),
    per_core_iowait_seconds: perCore('iowait_seconds'),
    per_core_irq_seconds: perCore('irq_seconds'),
    per_core_softirq_seconds: perCore('softirq_seconds'),
    per_core_steal_seconds: perCore('steal_seconds'),
  },
});
