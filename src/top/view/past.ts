import type { Snapshot } from '../../model/snapshot.ts';
import { LONGEST_REPEATED_MS } from '../figures/recent.ts';
import type { Moment } from './view.ts';

/** A minute of ten a second, every one of them. */
const MOST_FINE = 600;
/** What is older, for as long as charts remember it: one a second. */
const MOST_COARSE = 540;
const COARSE_STEP_MS = 1_000;

/** One number of a snapshot. */
export type ValueOf = (snapshot: Snapshot) => number | null | undefined;

/** What was shown, to go back to: the latest minute whole, and before it a moment a second. */
export class Past {
  readonly #fine: Moment[] = [];
  readonly #coarse: Moment[] = [];

  /** Time of the oldest moment kept, or NaN while there is none. */
  get oldestMs(): number {
    return (this.#coarse[0] ?? this.#fine[0])?.timeMs ?? Number.NaN;
  }

  get newestMs(): number {
    return this.#fine.at(-1)?.timeMs ?? Number.NaN;
  }

  /** Adds a moment; what arrives again is known, and time that runs backwards for longer begins anew. */
  add(moment: Moment): void {
    if (moment.timeMs <= this.newestMs) {
      if (this.newestMs - moment.timeMs <= LONGEST_REPEATED_MS) return;
      this.#fine.length = 0;
      this.#coarse.length = 0;
    }
    this.#fine.push(moment);
    if (this.#fine.length <= MOST_FINE) return;
    const leaving = this.#fine.shift();
    if (leaving === undefined || secondOf(leaving) === secondOf(this.#coarse.at(-1))) return;
    this.#coarse.push(leaving);
    if (this.#coarse.length > MOST_COARSE) this.#coarse.shift();
  }

  /** The moment at this time, or the last before it; the oldest for a time before all. */
  at(timeMs: number): Moment | undefined {
    const list = timeMs < (this.#fine[0]?.timeMs ?? Number.NEGATIVE_INFINITY) ? this.#coarse : this.#fine;
    return list.findLast((moment) => moment.timeMs <= timeMs) ?? this.#coarse[0] ?? this.#fine[0];
  }

  /** The moment before another one, if it is kept. */
  before({ timeMs }: Moment): Moment | undefined {
    const earlier = (moment: Moment): boolean => moment.timeMs < timeMs;
    return this.#fine.findLast(earlier) ?? this.#coarse.findLast(earlier);
  }

  /** The largest value of each of the columns before `endMs`, as `Recent.columns` has them. */
  columns(valueIn: ValueOf, endMs: number, columnMs: number, columns: number): Float64Array {
    const result = new Float64Array(columns).fill(Number.NaN);
    const last = Math.floor(endMs / columnMs);
    for (const moments of [this.#fine, this.#coarse]) {
      for (let index = moments.length - 1; index >= 0; index--) {
        const { timeMs, snapshot } = moments[index]!;
        const column = columns - 1 - (last - Math.floor(timeMs / columnMs));
        if (column < 0) return result;
        const value = column < columns ? valueIn(snapshot) : undefined;
        if (typeof value === 'number' && !(result[column]! >= value)) result[column] = value;
      }
    }
    return result;
  }
}

function secondOf(moment: Moment | undefined): number {
  return moment === undefined ? Number.NaN : Math.floor(moment.timeMs / COARSE_STEP_MS);
}
