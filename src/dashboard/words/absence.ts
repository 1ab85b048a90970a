import type { CollectorSampling, Snapshot } from '../../client/index.ts';
import { collectorOf, metricOf } from '../data/metric.ts';

/** Why single values can be missing while their collector is well. */
const REASONS: Readonly<Record<string, string>> = {
  'cpu|temperature_celsius': 'this host has no temperature sensor (hwmon or thermal zone)',
  'cpu|frequency_mhz': 'this host tells no frequency (neither cpufreq nor /proc/cpuinfo)',
  'memory|buffers_bytes': 'this kernel does not print it',
  'memory|cached_bytes': 'this kernel does not print it',
  'memory_bandwidth|pswpin_per_sec': 'this kernel has no swap built in',
  'memory_bandwidth|pswpout_per_sec': 'this kernel has no swap built in',
  'sampling|cpu_percent': 'known a second after the start',
};

/** Why a number is not in the latest snapshot, in words, shown when "N/A" is pointed at. */
export function reasonFor(key: string, snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return 'no snapshot has arrived yet';
  const metric = metricOf(key);
  const collector = collectorOf(metric);
  const state = snapshot.sampling.collectors[collector];
  const trouble = troubleOf(collector, state);
  if (trouble !== undefined) return trouble;
  const known = REASONS[`${metric.table}|${metric.column}`];
  if (known !== undefined) return known;
  if (metric.table === 'perf_events') return perfReason(metric.label, snapshot);
  if (metric.table === 'cpu_core') return `core ${metric.label} is offline, or has just come online`;
  if (/latency_ms$/.test(metric.column)) return 'no request completed in this interval';
  return /_per_sec$|_percent$/.test(metric.column)
    ? 'known from the second sample on'
    : 'this host does not tell it';
}

/** What keeps a collector from delivering; undefined when nothing does. */
export function troubleOf(collector: string, state: CollectorSampling | undefined): string | undefined {
  switch (state?.state) {
    case undefined:
      return collector === 'sampling' ? undefined : `the server has no collector "${collector}"`;
    case 'disabled':
      return `the collector ${collector} is switched off`;
    case 'failed':
      return `${state.message} (${state.code})`;
    case 'late':
      return `the collector ${collector} did not answer in time (${state.missed_ticks} ticks so far)`;
    case 'warming_up':
      return `the collector ${collector} is about to deliver its first sample`;
    default:
      return undefined;
  }
}

function perfReason(event: string, { perf_events }: Snapshot): string {
  if (perf_events?.unsupported_events?.includes(event)) return `${event} is not supported by this host`;
  if (perf_events?.missing_events?.includes(event)) return `perf does not know ${event} here`;
  return perf_events?.error ?? 'perf has not counted it yet';
}
