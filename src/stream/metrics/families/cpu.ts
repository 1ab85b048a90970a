import type { CpuData } from '../../../shared/snapshot.ts';
import { hertzFromMhz, ratio } from '../base_units.ts';
import { type Family, forEach, gauge, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

/** The kinds of CPU time and the field each is in. */
const MODES = {
  user: 'user_percent',
  nice: 'nice_percent',
  system: 'system_percent',
  idle: 'idle_percent',
  iowait: 'iowait_percent',
  irq: 'irq_percent',
  softirq: 'softirq_percent',
  steal: 'steal_percent',
} as const;

export const CPU_FAMILIES: readonly Family<CpuData>[] = [
  gauge(
    'hzstat_cpu_usage_ratio',
    'Share of the latest interval in which the CPUs were busy, that is neither idle nor waiting for a disk.',
    ({ usage_percent }) => ratio(usage_percent),
  ),
  ...forEach(modesOf, [
    gauge(
      'hzstat_cpu_mode_ratio',
      'Share of the CPU time of the latest interval by kind; the kinds add up to 1.',
      ratio,
    ),
  ]),
  ...forEach(coresOf, [
    gauge(
      'hzstat_cpu_core_usage_ratio',
      'Share of the latest interval in which this core was busy. An offline core has none.',
      ratio,
    ),
  ]),
  gauge('hzstat_cpu_frequency_hertz', 'Clock rate, as the mean of the online cores.', ({ frequency_mhz }) =>
    hertzFromMhz(frequency_mhz),
  ),
  gauge(
    'hzstat_cpu_temperature_celsius',
    'Temperature of the hottest CPU package.',
    (data) => data.temperature_celsius,
  ),
  gauge('hzstat_load1', 'Load average over one minute.', (data) => data.load_avg_1m),
  gauge('hzstat_load5', 'Load average over five minutes.', (data) => data.load_avg_5m),
  gauge('hzstat_load15', 'Load average over fifteen minutes.', (data) => data.load_avg_15m),
];

function modesOf(data: CpuData): Row<number>[] {
  return Object.entries(MODES).map(([mode, field]) => [labelsOf({ mode }), data[field]]);
}

function coresOf({ per_core }: CpuData): Row<number | null>[] {
  return per_core.map((percent, core) => [labelsOf({ core: String(core) }), percent]);
}
