import { constants, setPriority } from 'node:os';
import { errorMessage } from '../../base/errors.ts';
import { DirectoryTarget } from './directory_target.ts';
import { Pacer } from './pacer.ts';
import { readS3Settings } from './s3/s3_settings.ts';
import { S3Target } from './s3/s3_target.ts';
import { type Target, UploadFailure } from './target.ts';
import type { FromUpload, UploadTask } from './upload_messages.ts';
import { upload } from './uploader.ts';

// A process of its own, at the lowest priority, for as long as there is something to upload.

const TELL_EVERY_MS = 1_000;

function tell(message: FromUpload): void {
  process.send?.(message, undefined, {}, () => {});
}

let toldMs = Number.NEGATIVE_INFINITY;

/** Says now and then that it is at it: a directory on another machine may hang. */
function beAlive(): void {
  if (performance.now() - toldMs < TELL_EVERY_MS) return;
  toldMs = performance.now();
  tell({ type: 'alive' });
}

/** What is read of keys and region is of now: keys may be of short life, and be renewed in their file. */
function targetOf({ place, bytesPerSecond }: UploadTask): Target {
  const pacer = new Pacer(bytesPerSecond, beAlive);
  if (place.kind === 'directory') return new DirectoryTarget(place.path, pacer);
  return new S3Target(place, readS3Settings(process.env), pacer);
}

async function carryOut(task: UploadTask): Promise<FromUpload> {
  try {
    await upload(task, targetOf(task), (uploaded) => tell(uploaded));
    return { type: 'done' };
  } catch (error) {
    const retryAfterMs = error instanceof UploadFailure ? error.retryAfterMs : undefined;
    return {
      type: 'failed',
      message: errorMessage(error),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
}

// Whoever asked has gone; what is half there is not seen by anybody.
process.on('disconnect', () => process.exit());
setPriority(constants.priority.PRIORITY_LOW);
process.once('message', (task: UploadTask) => {
  void carryOut(task).then((message) => {
    process.send?.(message, undefined, {}, () => process.exit());
  });
});
