import type { MessagePort } from 'node:worker_threads';
import type { Incident, IncidentReport } from '../model/incidents/incident.ts';
import type { Watch } from '../model/incidents/watch.ts';
import type { Crossing } from '../watching/crossing.ts';

/** What the evidence thread is begun with. */
export interface EvidenceTask {
  readonly port: MessagePort;
  readonly watches: readonly Watch[];
  readonly rootfs: string;
  /** Where incidents are kept; undefined where nothing is recorded. */
  readonly dataDir: string | undefined;
  /** Whether commands are told with their arguments. */
  readonly withArguments: boolean;
  /** The program that is told of each incident. */
  readonly hook: string | undefined;
  /** Unix time minus monotonic time. */
  readonly clockOffsetNs: number;
}

export type ToEvidence =
  /** The end of a link that a thread tells its crossings on. */
  | { readonly type: 'link'; readonly port: MessagePort }
  /** Of what main itself watches. */
  | { readonly type: 'crossing'; readonly crossing: Crossing }
  /** The clock was set. */
  | { readonly type: 'clock'; readonly offsetNs: number }
  | { readonly type: 'close' };

/** How keeping incidents fares. */
export interface EvidenceStatus {
  /** Crossings that made no incident, because too many were under way. */
  readonly suppressed: number;
  /** Calls of the hook that were dropped, because those before took too long. */
  readonly hooksDropped: number;
  /** What is wrong with keeping them, while it is. */
  readonly message?: string;
}

export type Phase = 'began' | 'ended';

export type FromEvidence =
  /** Those of earlier runs, the newest first. */
  | { readonly type: 'kept'; readonly reports: readonly IncidentReport[] }
  | { readonly type: 'incident'; readonly phase: Phase | 'changed'; readonly report: IncidentReport }
  | { readonly type: 'status'; readonly status: EvidenceStatus }
  /** For the log. */
  | { readonly type: 'said'; readonly message: string }
  | { readonly type: 'closed' };

/** Without its evidence, as it is listed. */
export function summaryOf({ processes: _, snapshots: __, ...incident }: IncidentReport): Incident {
  return incident;
}
