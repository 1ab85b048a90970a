import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { LakeStatus } from '../../base/lake_status.ts';
import { log } from '../../base/log.ts';
import type { History } from '../../history/history.ts';
import type { LakePlace } from './lake_place.ts';
import { readS3Settings } from './s3/s3_settings.ts';
import type { FromUpload, UploadTask } from './upload_messages.ts';

/** Only its address is known here: it runs in a process of its own. */
const ENTRY = createRequire(import.meta.url).resolve('#lake-upload');

const LOOK_EVERY_MS = 1_000;
/** What is uploaded by one process. */
const MOST_FILES = 256;
/** A process that has not said a word for so long hangs, as in a dead mount. */
const SILENT_MS = 180_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Where a lake is and how files get there. */
export interface LakeSettings {
  readonly place: LakePlace;
  readonly host: string;
  readonly bytesPerSecond: number;
  readonly dataDir: string;
}

/** Takes what history hands over to a lake, in a process that lives as long as there is something to upload. */
export class Lake {
  readonly #settings: LakeSettings;
  readonly #history: History;
  readonly #timer: NodeJS.Timeout;
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;
  #uploadedFiles = 0;
  #uploadedBytes = 0;
  #failedAttempts = 0;
  /** In a row. */
  #failures = 0;
  #nextMs = Number.NEGATIVE_INFINITY;
  #lastUpload: string | undefined;
  #message: string | undefined;

  /** @throws HzstatError BAD_FLAG where there is no key for S3 */
  static check(place: LakePlace): void {
    if (place.kind === 's3') readS3Settings(process.env);
  }

  constructor(settings: LakeSettings, history: History) {
    this.#settings = settings;
    this.#history = history;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  get status(): LakeStatus {
    const { files = 0, bytes = 0, lostFiles = 0 } = this.#history.status.outbox ?? {};
    const working = this.#child === undefined ? 'idle' : 'uploading';
    return {
      state: this.#message === undefined ? working : 'failing',
      uploaded_files: this.#uploadedFiles,
      uploaded_bytes: this.#uploadedBytes,
      waiting_files: files,
      waiting_bytes: bytes,
      failed_attempts: this.#failedAttempts,
      lost_files: lostFiles,
      ...(this.#lastUpload !== undefined && { last_upload: this.#lastUpload }),
      ...(this.#message !== undefined && { message: this.#message }),
    };
  }

  /** Lets go of what is under way; what is not in the lake yet is uploaded after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#child?.kill('SIGKILL');
    await this.#running;
  }

  #look(): void {
    const waiting = this.#history.status.outbox?.files ?? 0;
    if (waiting === 0 || this.#running !== undefined || performance.now() < this.#nextMs) return;
    this.#running = this.#upload().finally(() => {
      this.#running = undefined;
    });
  }

  async #upload(): Promise<void> {
    const files = (await this.#history.outbox()).slice(0, MOST_FILES);
    if (files.length === 0 || this.#isClosed) return;
    const taken: Promise<unknown>[] = [];
    const end = await this.#runProcess({ ...this.#settings, files }, (uploaded) => {
      taken.push(this.#history.outbox(uploaded.files));
      this.#uploadedFiles += uploaded.count;
      this.#uploadedBytes += uploaded.bytes;
      this.#lastUpload = new Date().toISOString();
      this.#failures = 0;
    });
    // Before it is asked what is left.
    await Promise.all(taken);
    if (this.#isClosed) return;
    if (end.type === 'failed') this.#fail(end);
    else this.#recover();
  }

  #fail({ message, retryAfterMs = 0 }: Extract<FromUpload, { type: 'failed' }>): void {
    this.#failedAttempts++;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures++;
    // Not all hosts at the same moment, when a server comes back.
    this.#nextMs = performance.now() + Math.max(retryAfterMs, pauseMs * (0.5 + Math.random() / 2));
    if (message !== this.#message)
      log.warn(`${message}; what waits is uploaded when that has changed`, { subject: 'lake' });
    this.#message = message;
  }

  #recover(): void {
    if (this.#message !== undefined) log.info('all is well again: uploading goes on', { subject: 'lake' });
    this.#message = undefined;
    this.#failures = 0;
  }

  /** Says how it ended; what is there by then was told before. */
  #runProcess(
    task: UploadTask,
    uploaded: (message: Extract<FromUpload, { type: 'uploaded' }>) => void,
  ): Promise<Extract<FromUpload, { type: 'done' | 'failed' }>> {
    return new Promise((resolve) => {
      const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
      this.#child = child;
      const hanging = setTimeout(() => child.kill('SIGKILL'), SILENT_MS);
      let end: Extract<FromUpload, { type: 'done' | 'failed' }> | undefined;
      child.on('message', (message: FromUpload) => {
        hanging.refresh();
        if (message.type === 'uploaded') uploaded(message);
        else if (message.type !== 'alive') end = message;
      });
      const finish = (message: string): void => {
        clearTimeout(hanging);
        this.#child = undefined;
        resolve(end ?? { type: 'failed', message });
      };
      child.once('error', (error) => finish(`the uploading process cannot be reached: ${error.message}`));
      child.once('exit', (code, killed) => finish(`the uploading process ended with ${killed ?? code}`));
      child.send(task, () => {});
    });
  }
}
