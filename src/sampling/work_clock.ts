/** Times work on the event loop, apart from what is done for others in the middle of it. */
export class WorkClock {
  readonly #now: () => number;
  #spentMs = 0;
  #startMs: number | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does something that counts; within something that counts already it changes nothing. */
  during<T>(work: () => T): T {
    if (this.#startMs !== undefined) return work();
    this.#startMs = this.#now();
    try {
      return work();
    } finally {
      this.#stop();
    }
  }

  /** Does something that does not count. */
  except<T>(work: () => T): T {
    if (this.#startMs === undefined) return work();
    this.#stop();
    try {
      return work();
    } finally {
      this.#startMs = this.#now();
    }
  }

  /** What was spent since this was asked last. */
  takeMs(): number {
    const spentMs = this.#spentMs;
    this.#spentMs = 0;
    return spentMs;
  }

  #stop(): void {
    this.#spentMs += this.#now() - (this.#startMs ?? this.#now());
    this.#startMs = undefined;
  }
}
