/** So many jumps in a row at one distance are no coincidence any more. */
const JUMPS_FOR_EVIDENCE = 6;
/** A counter that moves at every other reading shows nothing but that little goes on. */
const FEWEST_STILL_READINGS = 2;
/** What a regular ping or a heartbeat counts is below this, and must not be taken for a second of traffic. */
const LEAST_LOAD = 32;
/** Jumps may be off by this part of the period, besides the time between two readings. */
const JITTER = 0.05;

/**
 * Finds out whether a source is itself brought up to date only so often, as the counters of many network cards are
 * once a second: read ten times a second they stand still and then jump, and the jump looks like a burst that was
 * not there.
 *
 * A card without traffic stands still, too, and a job that sends once a second looks the same. So only jumps under
 * load count, several in a row and evenly apart with nothing at all in between, and what was counted is spread only
 * when it cannot have happened since the reading before, or when the driver is known for it; else there is no more
 * than a suspicion. One move at another time refutes both.
 */
export class RefreshPeriod {
  /** How far apart the jumps are, in nanoseconds; undefined as long as there is no evidence of any. */
  periodNs: number | undefined;
  /** The same while it is only a suspicion, because the jumps may be what happened. */
  suspectedNs: number | undefined;
  readonly #held: Float64Array;
  readonly #left: Float64Array;
  /** The time the latest jump is spread over. */
  #coveredNs = 0;
  #jumpedNs = Number.NaN;
  #readNs = Number.NaN;
  #stillReadings = 0;
  #intervalNs = Number.NaN;
  #regular = 0;
  #certain = 0;

  constructor(counters: number) {
    this.#held = new Float64Array(counters);
    this.#left = new Float64Array(counters);
  }

  /**
   * Takes in what the counters grew by since the reading before.
   *
   * @param load how much of anything that is: packets
   * @param isCertain whether that cannot have happened since the reading before, or its source is known to be slow
   */
  advance(nowNs: number, moved: boolean, load: number, isCertain: boolean): void {
    const readingNs = nowNs - this.#readNs;
    this.#readNs = nowNs;
    if (!moved) {
      this.#stillReadings++;
      return;
    }
    const sinceNs = nowNs - this.#jumpedNs;
    const even = this.#stillReadings >= FEWEST_STILL_READINGS && this.#isEven(sinceNs, readingNs);
    const loaded = load >= LEAST_LOAD;
    this.#stillReadings = 0;
    this.#jumpedNs = nowNs;
    if (!even) {
      this.periodNs = undefined;
      this.suspectedNs = undefined;
      this.#regular = 0;
      this.#certain = 0;
      this.#intervalNs = sinceNs;
    } else if (this.periodNs === undefined) {
      this.#intervalNs += (sinceNs - this.#intervalNs) / (this.#regular + 2);
      this.#regular = loaded ? this.#regular + 1 : 0;
      this.#certain = loaded && isCertain ? this.#certain + 1 : 0;
      if (this.#certain >= JUMPS_FOR_EVIDENCE) this.periodNs = this.#intervalNs;
      if (this.periodNs !== undefined || this.#regular < JUMPS_FOR_EVIDENCE) this.suspectedNs = undefined;
      else this.suspectedNs ??= this.#intervalNs;
    }
  }

  /** The first reading of something else. */
  forget(): void {
    this.periodNs = undefined;
    this.suspectedNs = undefined;
    this.#regular = 0;
    this.#certain = 0;
    this.#jumpedNs = Number.NaN;
    this.#readNs = Number.NaN;
    this.#intervalNs = Number.NaN;
    this.#left.fill(0);
  }

  /**
   * Spreads what the counters grew by over the time it came together in, which is then told one period late.
   * Whatever is spread adds up to what was counted. Without a period that is what there is, and what was left over.
   *
   * @param deltas what the counters grew by since the reading before
   * @param out what to tell for the time since the reading before
   */
  spread(deltas: Float64Array, moved: boolean, elapsedNs: number, out: Float64Array): void {
    const held = this.#held;
    const left = this.#left;
    if (this.periodNs === undefined) {
      for (let i = 0; i < left.length; i++) out[i] = deltas[i]! + left[i]!;
      left.fill(0);
      return;
    }
    if (moved) {
      this.#coveredNs = this.periodNs;
      for (let i = 0; i < left.length; i++) {
        left[i]! += deltas[i]!;
        held[i] = left[i]!;
      }
    }
    const part = Math.min(1, elapsedNs / this.#coveredNs);
    for (let i = 0; i < left.length; i++) {
      const told = Math.min(left[i]!, held[i]! * part);
      out[i] = told;
      left[i]! -= told;
    }
  }

  /** Whether a jump comes when it would. After a pause without traffic that is any number of periods later. */
  #isEven(sinceNs: number, readingNs: number): boolean {
    const periodNs = this.periodNs ?? this.#intervalNs;
    const periods = this.periodNs === undefined ? 1 : Math.max(1, Math.round(sinceNs / periodNs));
    return Math.abs(sinceNs - periods * periodNs) <= readingNs * 1.01 + periodNs * JITTER * periods;
  }
}
