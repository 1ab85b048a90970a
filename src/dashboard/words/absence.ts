import type { CollectorSampling, Snapshot } from '../../client/index.ts';
import { TABLE_FACTS } from '../../model/field_at.ts';
import { collectorOf, metricOf } from '../data/metric.ts';

/** Why a number is not in the latest snapshot, in words, shown when "N/A" is pointed at. */
export function reasonFor(key: string, snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return 'no snapshot has arrived yet';
  const metric = metricOf(key);
  const collector = collectorOf(metric);
  const state = snapshot.sampling.collectors[collector];
  const trouble = troubleOf(collector, state);
  if (trouble !== undefined) return trouble;
  if (metric.table === 'perf_events') return perfReason(metric.label, snapshot);
  if (metric.table === 'cpu_core') return `core ${metric.label} is offline, or has just come online`;
  const declared = TABLE_FACTS.get(metric.table)?.fields[metric.column]?.absent ?? '';
  return reasonIn(declared) ?? 'this host does not report it';
}

/** The first declared reason, without the word for how the value is missing: the page shows "N/A" for both. */
function reasonIn(declared: string): string | undefined {
  return /^(?:null|absent):? ([^;]+)/.exec(declared)?.[1];
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
      return `the collector ${collector} is starting; its first sample is still to come`;
    default:
      return undefined;
  }
}

function perfReason(event: string, { perf_events }: Snapshot): string {
  if (perf_events?.unsupported_events?.includes(event)) return `${event} is not supported by this host`;
  if (perf_events?.missing_events?.includes(event)) return `perf on this host has no event ${event}`;
  return perf_events?.error ?? 'perf has not counted it yet';
}
