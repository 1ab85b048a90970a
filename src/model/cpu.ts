import { collector } from './collector.ts';
import { gauge, orNull, share } from './field.ts';

const IDLE_TIMES = 'cpuidle, cpuacct, schedstat or /proc/stat, the finest the host has';

function ofKind(mode: string, meaning: string) {
  const help = 'Share of the CPU time of the latest interval by kind; the kinds add up to 1.';
  return share(meaning, { metric: { name: 'hzstat_cpu_mode_ratio', labels: { mode }, help } });
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
  },
});
