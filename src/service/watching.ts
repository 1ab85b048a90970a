import { requireProgram } from '../incidents/hook.ts';
import { Incidents } from '../incidents/incidents.ts';
import { watchList } from '../incidents/watches/watch_list.ts';
import type { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import { WatchCheck } from '../watching/watch_check.ts';
import type { HistoryOptions, SamplingOptions, WatchOptions } from './settings.ts';

/** The part of a snapshot main itself makes. */
const SAMPLING = 'sampling';

/**
 * Begins to keep incidents; undefined where nothing is watched.
 *
 * @param ownCollectors names of the collectors of the user's
 * @throws HzstatError BAD_FLAG for a watch of a field that does not exist, or a program that cannot be run
 */
export function openIncidents(
  options: SamplingOptions & HistoryOptions & WatchOptions,
  ownCollectors: readonly string[],
): Incidents | undefined {
  const { watch, watches: areWanted, interval, rootfs, history, dataDir, onIncident } = options;
  const watches = watchList({ watch, watches: areWanted, intervalMs: interval, ownCollectors });
  if (watches.length === 0) return undefined;
  return new Incidents({
    watches,
    rootfs,
    dataDir: history ? dataDir : undefined,
    withArguments: options.evidenceArguments ?? false,
    hook: onIncident === undefined ? undefined : requireProgram(onIncident),
  });
}

/** Has the aggregator's own account watched too, and collectors linked anew when the evidence thread was. */
export function watchOver(aggregator: MetricsAggregator, incidents: Incidents): void {
  const ofSampling = incidents.watches.filter(({ collector }) => collector === SAMPLING);
  const check = new WatchCheck(ofSampling, (crossing) => incidents.crossed(crossing));
  aggregator.watchSampling(check, (offsetNs) => incidents.setClock(offsetNs));
  incidents.onRenewed = () => aggregator.rewatch();
}
