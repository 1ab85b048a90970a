import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { CollectorTask } from '../handover/messages.ts';

/** The compiled entry of a collector's thread; only its address is known on this side. */
const ENTRY = pathToFileURL(createRequire(import.meta.url).resolve('#worker-entry')).href;

const MOST_THREADS = 64;

const POOL_OPTIONS = {
  minThreads: 0,
  maxThreads: MOST_THREADS,
  concurrentTasksPerWorker: 1,
  // A thread whose task has ended is not kept for another one.
  idleTimeout: 0,
  // Between tasks Piscina's threads would block in Atomics.wait; ours have only one task, so nothing is gained.
  atomics: 'disabled',
  recordTiming: false,
  trackUnmanagedFds: false,
  resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
} as const;

/**
 * The threads. Each runs one task, which lasts as long as its collector; Piscina starts a thread per task and
 * replaces one that died when the next task comes.
 */
export class CollectorPool {
  readonly #pool: Piscina<CollectorTask, void>;

  constructor(entry = ENTRY) {
    this.#pool = new Piscina({ filename: entry, ...POOL_OPTIONS });
    // What goes wrong in a thread whose task has ended (a promise of the user's that is rejected late) concerns
    // nobody, and would end the process if nobody listened.
    this.#pool.on('error', () => {});
  }

  /** Runs a collector until it ends, dies or is aborted; rejects in the last two cases. */
  run(task: CollectorTask, signal: AbortSignal): Promise<void> {
    return this.#pool.run(task, { transferList: [task.port], signal });
  }

  /** Ends what is left of the threads. */
  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}
