import type { Incident, IncidentReport, Mark } from '../../model/incidents/incident.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** A collector as the outside sees it. */
export interface CollectorStatus {
  name: string;
  enabled: boolean;
  /** As in `sampling` of the latest snapshot; absent before the first. */
  state?: string;
  /** Why it fails, when it does. */
  message?: string;
}

/** What the web side needs to know of the sampling side. */
export interface StreamSource {
  readonly intervalMs: number;
  /** The latest snapshot, if there is one yet. */
  readonly latest: Snapshot | undefined;
  readonly collectors: readonly { readonly name: string; readonly enabled: boolean }[];
  /** Names of collectors that start when they are switched on for the first time. */
  readonly notStarted?: readonly string[];
  /** Publishes what has been sampled by now, for which nobody has waited so far. */
  drain(): void;
  /**
   * Says how soon snapshots are to be published: those of this many milliseconds together, 0 for each at once,
   * undefined while nobody waits for them.
   */
  setPace(paceMs: number | undefined): void;
  /** Switches a collector, and starts one that has not been. @throws HzstatError COLLECTOR_UNKNOWN */
  setEnabled(name: string, enabled: boolean): void;
}

/** The source's collectors with the state each had in the latest snapshot. */
export function collectorStatuses(source: StreamSource): CollectorStatus[] {
  const states = source.latest?.sampling.collectors ?? {};
  return source.collectors.map(({ name, enabled }) => {
    const sampling = states[name];
    const status: CollectorStatus = { name, enabled };
    if (sampling !== undefined) status.state = enabled ? stateNow(sampling.state) : 'disabled';
    if (enabled && sampling?.state === 'failed') status.message = sampling.message;
    return status;
  });
}

/** What happened, as far as somebody watches for it. */
export interface IncidentSource {
  /** Those that lasted into the time since (ISO 8601), the newest first. */
  list(since?: string): readonly Incident[];
  find(id: string): IncidentReport | undefined;
  /** How many there have been in this run, by watch. */
  readonly counts: ReadonlyMap<string, number>;
  /** For `/health`. */
  readonly watches: readonly object[];
  readonly status: object;
}

/** Takes notes on the time axis. */
export interface MarkKeeper {
  /** Keeps a note; resolves when it will last. @throws HzstatError HISTORY_UNAVAILABLE */
  mark(mark: Mark): Promise<void>;
}

/** A collector that has been switched on since the latest snapshot is about to answer. */
function stateNow(state: string): string {
  return state === 'disabled' ? 'warming_up' : state;
}

/** What the whole answer to a question may come in. */
export type ExportFormat = 'csv' | 'parquet' | 'ndjson';

/** Answers questions about history. */
export interface QueryService {
  /** A table for JSON, with as many rows as such an answer may have. @throws HzstatError with a QUERY_ code */
  query(sql: string, signal: AbortSignal): Promise<unknown>;
  /** All rows, in pieces, as fast as they are taken. @throws HzstatError with a QUERY_ code, also in the middle */
  export(sql: string, format: ExportFormat, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** For `/health`. */
  readonly status: { readonly state: string };
}

/** How a receiver of remote write fares, for `/health`. */
export interface RemoteWriteStatus {
  readonly url: string;
  readonly state: 'sending' | 'catching_up' | 'retrying';
  /** How much of the latest time it does not have yet. */
  readonly lag_ms: number;
  readonly sent_samples: number;
  readonly dropped_samples: number;
  readonly skipped_snapshots: number;
  readonly retries: number;
  readonly message?: string;
}
