/** For how many readings a refusal is reported: long enough to be seen, and no longer than it matters. */
const TOLD_FOR_READINGS = 100;

/** What is said of a figure that was not believed of late. */
export class Disbelief {
  /** Undefined while everything was believed for some time. */
  message: string | undefined;
  #left = 0;

  /** To be called once for each reading, before it is judged. */
  pass(): void {
    if (this.#left > 0 && --this.#left === 0) this.message = undefined;
  }

  tell(message: string): void {
    this.message = message;
    this.#left = TOLD_FOR_READINGS;
  }
}
