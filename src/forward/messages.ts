import type { MessagePort } from 'node:worker_threads';
import type { Batch } from '../history/rows/snapshot_batch.ts';
import type { RemoteWriteSettings } from './sending/settings.ts';
import type { TargetStatus } from './sending/target.ts';

/** What the thread that sends is given. */
export interface ForwardTask {
  readonly settings: RemoteWriteSettings;
  /** Unix microseconds, before anything is sampled: what is older is not sent to who has had nothing yet. */
  readonly startUs: number;
  readonly port: MessagePort;
}

export type ToForward =
  /** Snapshots, where no history is there to read them from. */
  | { readonly type: 'snapshots'; readonly batch: Batch }
  /** What is owed is sent for so long. */
  | { readonly type: 'end'; readonly withinMs: number }
  /** Nothing more will be recorded or handed over. */
  | { readonly type: 'complete' };

export type FromForward =
  | { readonly type: 'status'; readonly targets: readonly TargetStatus[] }
  /** Something for the log. */
  | { readonly type: 'said'; readonly message: string };
