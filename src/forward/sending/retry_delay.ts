const FIRST_MS = 500;
const LONGEST_MS = 10_000;
/** However long a receiver asks for, somebody looks whether it is there again. */
const MOST_ASKED_MS = 120_000;

/** How long to wait until something is tried again: longer each time, with some chance in it so that hosts spread out. */
export class RetryDelay {
  #ms = FIRST_MS;

  /** @param askedMs what the receiver asked for, if it did */
  next(askedMs?: number): number {
    const own = this.#ms * (0.75 + Math.random() / 2);
    this.#ms = Math.min(2 * this.#ms, LONGEST_MS);
    return askedMs === undefined ? own : Math.min(Math.max(askedMs, own), MOST_ASKED_MS);
  }

  reset(): void {
    this.#ms = FIRST_MS;
  }
}
