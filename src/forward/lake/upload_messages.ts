import type { OutboxFile } from '../../history/segments/manifest.ts';
import type { LakePlace } from './lake_place.ts';

/** What the uploading process is asked. */
export interface UploadTask {
  readonly place: LakePlace;
  readonly host: string;
  readonly bytesPerSecond: number;
  readonly dataDir: string;
  /** In this order. */
  readonly files: readonly OutboxFile[];
}

/** What it says. */
export type FromUpload =
  /** It is at it. */
  | { readonly type: 'alive' }
  /** These files of the outbox are in the lake and listed there. */
  | {
      readonly type: 'uploaded';
      readonly files: readonly string[];
      /** How many, without those that were removed here meanwhile, and their bytes. */
      readonly count: number;
      readonly bytes: number;
    }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string; readonly retryAfterMs?: number };
