import type { MessagePort } from 'node:worker_threads';
import type { Watch } from '../model/incidents/watch.ts';

/** What whoever checks conditions tells whoever keeps the incidents. Times are of the monotonic clock. */
export type Crossing =
  /** The condition holds, and not for long enough yet: a good moment to look who is at it. */
  | { readonly type: 'suspected'; readonly watch: string; readonly field: string }
  | {
      readonly type: 'began';
      readonly watch: string;
      readonly field: string;
      /** Since when the condition has held. */
      readonly sinceNs: number;
      readonly peak: number;
      readonly peakNs: number;
    }
  /** A value further beyond the threshold than those before; told once a second at most. */
  | {
      readonly type: 'rose';
      readonly watch: string;
      readonly field: string;
      readonly peak: number;
      readonly peakNs: number;
    }
  | {
      readonly type: 'ended';
      readonly watch: string;
      readonly field: string;
      /** Until when the condition held. */
      readonly untilNs: number;
      readonly peak: number;
      readonly peakNs: number;
    };

/** What a thread that checks conditions is given. */
export interface WatchLink {
  readonly watches: readonly Watch[];
  /** Takes crossings. Its other end is with the thread that keeps the incidents. */
  readonly port: MessagePort;
}

/** Where threads get their links from. */
export interface WatchLinks {
  /** A new link; undefined where nothing of this collector is watched. */
  open(collector: string): WatchLink | undefined;
}
