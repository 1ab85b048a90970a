/** A piece of work that seems to have taken longer than this was interrupted: the process was stopped, or others ran. */
export const LONGEST_PIECE_MS = 50;

/**
 * A token bucket of working time: a fixed number of milliseconds comes in with every second, and who has spent more than there
 * was waits until that is made good. What is done beyond the event loop's slice is the caller's to cut.
 */
export class WorkBudget {
  readonly #share: number;
  readonly #mostMs: number;
  readonly #now: () => number;
  #leftMs: number;
  #refilledMs: number;
  #spentMs = 0;

  /**
   * @param share of one core
   * @param mostMs that can be saved up
   */
  constructor(share: number, mostMs: number, now: () => number = () => performance.now()) {
    this.#share = share;
    this.#mostMs = mostMs;
    this.#now = now;
    this.#leftMs = mostMs;
    this.#refilledMs = now();
  }

  /** All that was spent since the start. */
  get spentMs(): number {
    return this.#spentMs;
  }

  get isSpent(): boolean {
    return this.waitMs > 0;
  }

  /** How long it takes until something may be spent again; 0 when it may be now. */
  get waitMs(): number {
    this.#refill();
    return this.#leftMs >= 0 ? 0 : -this.#leftMs / this.#share;
  }

  spend(ms: number): void {
    this.#refill();
    this.#spentMs += ms;
    this.#leftMs -= ms;
  }

  /** Does something and spends what it took. */
  pay<T>(work: () => T): T {
    const startMs = this.#now();
    try {
      return work();
    } finally {
      this.spend(Math.min(this.#now() - startMs, LONGEST_PIECE_MS));
    }
  }

  #refill(): void {
    const nowMs = this.#now();
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (nowMs - this.#refilledMs) * this.#share);
    this.#refilledMs = nowMs;
  }
}
