const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

/** How long to wait before the next attempt: doubling, with some chance in it so that clients spread out. */
export class Backoff {
  #delayMs = FIRST_DELAY_MS;

  next(): number {
    const delayMs = this.#delayMs * (0.75 + Math.random() / 2);
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
    return delayMs;
  }

  reset(): void {
    this.#delayMs = FIRST_DELAY_MS;
  }
}
