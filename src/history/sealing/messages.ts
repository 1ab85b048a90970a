import type { Segment } from '../segments/manifest.ts';

/** What the sealing process is asked for and answers. */
export type Task = SealTask | CountTask;

export interface CountTask {
  readonly type: 'count';
  /** A question whose answer is one number. */
  readonly sql: string;
}

export interface SealTask {
  readonly type: 'seal';
  readonly dataDir: string;
  /** Distinguishes the files from those of all other journals. */
  readonly stem: string;
  /** Path of the journal. */
  readonly journal: string;
  /** The part of it that is meant, between two appends; all of it where nothing is said. */
  readonly fromBytes?: number;
  readonly toBytes?: number;
}

/** What a journal has become. */
export interface Sealed {
  readonly segments: readonly Segment[];
  /** Bytes of the journal that are no records: a torn tail, garbage in the middle. */
  readonly damagedBytes: number;
}

export type Answer =
  | ({ readonly type: 'sealed' } & Sealed)
  | { readonly type: 'counted'; readonly count: number }
  | { readonly type: 'failed'; readonly message: string };
