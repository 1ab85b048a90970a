import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { errorMessage } from '../base/errors.ts';
import { log } from '../base/log.ts';
import { US_PER_MS } from '../base/units.ts';
import { SnapshotBatch } from '../history/rows/snapshot_batch.ts';
import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import type { FromForward, ToForward } from './messages.ts';
import type { RemoteWriteSettings } from './sending/settings.ts';
import type { TargetStatus } from './sending/target.ts';

const ENTRY = createRequire(import.meta.url).resolve('#forward');
const SUBJECT = { subject: 'remote write' } as const;
const HAND_OVER_EVERY_MS = 1_000;
const SEND_OWED_MS = 1_000;
/** What cannot be ended in this time after history has ended ends with the process. */
const END_WITHIN_MS = 500;

/** Main's side of remote write: starts the thread that sends, and knows how it fares. */
export class Forward {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  /** Snapshots on their way to the thread, where it cannot read them from history. */
  readonly #batch: SnapshotBatch | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #targets: readonly TargetStatus[];
  #died = false;

  constructor(settings: RemoteWriteSettings) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#targets = settings.urls.map(unsent);
    this.#worker = new Worker(ENTRY, {
      workerData: { settings, startUs: Date.now() * US_PER_MS, port: port2 },
      transferList: [port2],
      trackUnmanagedFds: false,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    port1.on('message', (message: FromForward) => this.#hear(message));
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.once('error', (error) => this.#die(errorMessage(error)));
    if (settings.dataDir !== undefined) return;
    this.#batch = new SnapshotBatch();
    this.#timer = setInterval(() => this.#handOver(), HAND_OVER_EVERY_MS);
  }

  /** How each receiver fares; the same object until something changes. */
  get targets(): readonly TargetStatus[] {
    return this.#targets;
  }

  /** Takes a snapshot, where nothing is recorded. Never waits. */
  record(snapshot: PackedSnapshot): void {
    if (!this.#died) this.#batch?.add(snapshot);
  }

  /**
   * Sends what is owed for up to a second, and lets go of everything.
   *
   * @param recorded everything is recorded that was sampled
   */
  async close(recorded: Promise<void>): Promise<void> {
    clearInterval(this.#timer);
    this.#handOver();
    this.#tell({ type: 'end', withinMs: SEND_OWED_MS });
    await recorded;
    this.#tell({ type: 'complete' });
    const patience = new Promise<void>((resolve) => {
      setTimeout(resolve, SEND_OWED_MS + END_WITHIN_MS).unref();
    });
    await Promise.race([this.#ended, patience]);
    await this.#worker.terminate();
  }

  #handOver(): void {
    const batch = this.#batch;
    if (batch === undefined || batch.count === 0) return;
    const taken = batch.take();
    this.#port.postMessage({ type: 'snapshots', batch: taken } satisfies ToForward, [taken.rows.buffer]);
  }

  #tell(message: ToForward): void {
    this.#port.postMessage(message);
  }

  #hear(message: FromForward): void {
    if (message.type === 'said') log.warn(message.message, SUBJECT);
    else this.#targets = message.targets;
  }

  #die(reason: string): void {
    this.#died = true;
    const message = `the thread that sends died: ${reason}`;
    log.error(message, SUBJECT);
    this.#targets = this.#targets.map((target) => ({ ...target, state: 'retrying', message }));
  }
}

/** How a receiver fares before the thread has said so. */
function unsent(url: string): TargetStatus {
  const nothing = { sentSamples: 0, droppedSamples: 0, skippedSnapshots: 0, retries: 0 };
  return { url, state: 'sending', ...nothing, sentUntilMs: Date.now() };
}
