import type { Incidents } from '../incidents/incidents.ts';
import type { Phase } from '../incidents/messages.ts';
import { watchStatuses } from '../incidents/watches/watch_list.ts';
import type { IncidentReport } from '../model/incidents/incident.ts';
import type { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import type { IncidentSource } from '../server/source/source.ts';
import type { IncidentFrame } from '../wire/protocol/frames.ts';

/** Incidents as the web side wants them. */
export function incidentSource(incidents: Incidents, aggregator: MetricsAggregator): IncidentSource {
  return {
    list: (since) => incidents.list(since),
    find: (id) => incidents.find(id),
    get counts() {
      return incidents.counts;
    },
    get watches() {
      return watchStatuses(incidents.watches, runningIn(aggregator));
    },
    get status() {
      const { suppressed, hooksDropped, message } = incidents.status;
      const all = incidents.list();
      return {
        state: message === undefined ? 'ok' : 'failing',
        open: all.filter(({ ended }) => ended === null).length,
        since_start: [...incidents.counts.values()].reduce((sum, count) => sum + count, 0),
        suppressed,
        hooks_dropped: hooksDropped,
        ...(message !== undefined && { message }),
      };
    },
  };
}

/** Names of the collectors that run. */
export function runningIn({ collectors }: MetricsAggregator): ReadonlySet<string> {
  return new Set(collectors.filter(({ enabled }) => enabled).map(({ name }) => name));
}

/** What subscribers are told. */
export function incidentFrame(phase: Phase, report: IncidentReport, sequence: number): IncidentFrame {
  const { id, watch, field, threshold, began, ended, peak, peak_at, message, who } = report;
  const timestamp = phase === 'ended' ? (ended ?? began) : began;
  return {
    type: 'incident',
    phase,
    id,
    watch,
    field,
    value: peak,
    threshold,
    sequence,
    timestamp,
    began,
    ended,
    peak,
    peak_at,
    message,
    who,
  };
}
