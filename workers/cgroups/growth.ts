/**
 * What counters that are read together grew by from one reading to the next, over the time between these two. A
 * counter that is missing, or went backwards, has no growth: nobody knows what it counted meanwhile.
 */
export class Growth {
  /** NaN where it is not known. */
  readonly deltas: Float64Array;
  /** Between the latest two readings; NaN after the first. */
  elapsedNs = Number.NaN;
  readonly #previous: Float64Array;
  #readNs = Number.NaN;

  constructor(counters: number) {
    this.deltas = new Float64Array(counters);
    this.#previous = new Float64Array(counters).fill(Number.NaN);
  }

  /** Takes in readings made at that time. */
  advance(readings: Float64Array, nowNs: number): void {
    const { deltas } = this;
    const previous = this.#previous;
    const elapsedNs = nowNs - this.#readNs;
    this.elapsedNs = elapsedNs > 0 ? elapsedNs : Number.NaN;
    this.#readNs = nowNs;
    for (let i = 0; i < deltas.length; i++) {
      const reading = readings[i]!;
      const delta = reading - previous[i]!;
      deltas[i] = delta >= 0 && elapsedNs > 0 ? delta : Number.NaN;
      previous[i] = reading;
    }
  }

  /** The same as {@link advance} with readings that are those of the time before, and have grown by nothing then, too. */
  stand(nowNs: number): void {
    this.elapsedNs = nowNs - this.#readNs;
    this.#readNs = nowNs;
  }

  /** Takes the next reading for the first. */
  forget(): void {
    this.#readNs = Number.NaN;
    this.deltas.fill(Number.NaN);
  }
}
