/** A token bucket: a burst at once, and a steady rate after it. Each event takes a token; without one it is refused. */
export class Allowance {
  readonly #perSecond: number;
  readonly #atOnce: number;
  #left: number;
  #sinceMs: number | undefined;

  constructor(perSecond: number, atOnce: number) {
    this.#perSecond = perSecond;
    this.#atOnce = atOnce;
    this.#left = atOnce;
  }

  /** Spends one; false, and nothing spent, when there is none left. */
  take(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Whether the next one would be refused. */
  isSpent(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#left < 1;
  }

  /** Whether it is as good as new, so that it need not be remembered. */
  isWhole(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#left >= this.#atOnce;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - (this.#sinceMs ?? nowMs);
    this.#sinceMs = nowMs;
    this.#left = Math.min(this.#atOnce, this.#left + (elapsedMs / 1_000) * this.#perSecond);
  }
}
