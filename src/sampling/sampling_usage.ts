import { NS_PER_MS } from '../base/units.ts';
import { ThreadTimes } from './thread_times.ts';
import type { WorkClock } from './work_clock.ts';

/**
 * What sampling and recording use of a core, for the governor: the threads that do nothing else, and main's time for
 * them. What is done for clients (publishing, answers, seals a query asks for) is theirs, and no reason to sample
 * less: or any client could slow sampling down.
 */
export class SamplingUsage {
  readonly #threads: ThreadTimes;
  readonly #main: WorkClock;

  constructor(main: WorkClock, threads = new ThreadTimes()) {
    this.#main = main;
    this.#threads = threads;
    // Where it may not be done, the pool's work for history goes uncounted.
    this.#threads.namePool().catch(() => {});
  }

  /**
   * The share of a core used since this was asked last.
   *
   * @param processPercent of the whole process in that time, which is what counts where the kernel tells no more
   */
  takePercent(elapsedNs: number, processPercent: number): number {
    const threadsNs = this.#threads.takeNs();
    const mainNs = this.#main.takeMs() * NS_PER_MS;
    if (threadsNs === undefined) return processPercent;
    const usedNs = threadsNs + mainNs;
    // Time on the clock holds what others took of the core; no more than the process used can be its own.
    return Math.min(processPercent, (100 * usedNs) / elapsedNs);
  }
}
