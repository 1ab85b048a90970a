import type { IncidentWindow } from '../segments/incident_windows.ts';
import type { Segment } from '../segments/manifest.ts';

/** What the merging process is asked for and answers. */
export interface MergeTask {
  readonly dataDir: string;
  /** Distinguishes the new files. */
  readonly stem: string;
  readonly inputs: readonly Segment[];
  /** The hour whose minutes are to be merged and rolled up. Where nothing else is given, rollups of a day are merged. */
  readonly hour?: { readonly fromMs: number; readonly toMs: number };
  /** The windows raw rows are to be cut out in, those of `inputs` that were not cut out before. */
  readonly windows?: readonly IncidentWindow[];
  /** Raw rows are to be put together for the outbox as they are. */
  readonly isForOutbox?: true;
}

export type MergeAnswer = { ok: true; segments: Segment[] } | { ok: false; message: string };
