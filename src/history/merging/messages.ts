import type { Segment } from '../segments/manifest.ts';

/** What the merging process is asked for and answers. */
export interface MergeTask {
  readonly dataDir: string;
  /** Distinguishes the new files. */
  readonly stem: string;
  readonly inputs: readonly Segment[];
  /** The hour whose minutes are to be merged and rolled up; absent where the rollups of a day are to be merged. */
  readonly hour?: { readonly fromMs: number; readonly toMs: number };
}

export type MergeAnswer = { ok: true; segments: Segment[] } | { ok: false; message: string };
