import type { SeriesValues } from '../figures/recent.ts';
import { LONGEST_REPEATED_MS } from '../figures/recent.ts';
import type { Moment } from './view.ts';

/** A minute of ten a second, every one of them. */
const MOST_FINE = 600;
/** What is older, for as long as charts remember it: one a second. */
const MOST_COARSE = 540;
/** What the server was asked for besides, of a time before that. */
const MOST_FAR = 1_800;
const COARSE_STEP_MS = 1_000;

/** One number of a moment. */
export type ValueIn = (moment: Moment) => SeriesValues[keyof SeriesValues];

/** What was shown, to go back to: the latest minute whole, and before it a moment a second. */
export class Past {
  readonly #fine: Moment[] = [];
  readonly #coarse: Moment[] = [];
  /** Fetched, and let go when nobody looks at it any more. */
  readonly #far: Moment[] = [];

  /** The oldest moment kept. */
  get oldest(): Moment | undefined {
    return this.#far[0] ?? this.#coarse[0] ?? this.#fine[0];
  }

  /** Its time, or NaN while there is none. */
  get oldestMs(): number {
    return this.oldest?.timeMs ?? Number.NaN;
  }

  get newestMs(): number {
    return this.#fine.at(-1)?.timeMs ?? Number.NaN;
  }

  /** Whether there is room for more of what was before. */
  get hasRoom(): boolean {
    return this.#far.length < MOST_FAR;
  }

  /** Adds a moment; what arrives again is known, and time that runs backwards for longer begins anew. */
  add(moment: Moment): void {
    if (moment.timeMs <= this.newestMs) {
      if (this.newestMs - moment.timeMs <= LONGEST_REPEATED_MS) return;
      for (const list of [this.#fine, this.#coarse, this.#far]) list.length = 0;
    }
    this.#fine.push(moment);
    if (this.#fine.length <= MOST_FINE) return;
    const leaving = this.#fine.shift();
    if (leaving === undefined || secondOf(leaving) === secondOf(this.#coarse.at(-1))) return;
    this.#coarse.push(leaving);
    if (this.#coarse.length <= MOST_COARSE) return;
    const last = this.#coarse.shift();
    // There must be no hole between what was fetched and what is kept anyway.
    if (last !== undefined && this.#far.length > 0) this.#far.push(last);
    if (this.#far.length > MOST_FAR) this.#far.shift();
  }

  /** Adds what was before all that is kept, oldest first; what was not is left out. Returns how many were. */
  prepend(moments: readonly Moment[]): number {
    const { oldestMs } = this;
    // Before the machine was started, its clock was ahead.
    const older = moments.filter(({ timeMs }) => timeMs < oldestMs).slice(this.#far.length - MOST_FAR);
    this.#far.unshift(...older);
    return older.length;
  }

  /** Lets go of what was fetched. */
  forgetFar(): void {
    this.#far.length = 0;
  }

  /** The moment at this time, or the last before it; the oldest for a time before all. */
  at(timeMs: number): Moment | undefined {
    return this.#last((moment) => moment.timeMs <= timeMs) ?? this.oldest;
  }

  /** The moment of this time of the wall clock (ISO 8601), or the last before it, if it is kept. */
  atTimestamp(timestamp: string): Moment | undefined {
    return this.#last(({ snapshot }) => snapshot.timestamp <= timestamp);
  }

  /** The moment before another one, if it is kept. */
  before({ timeMs }: Moment): Moment | undefined {
    return this.#last((moment) => moment.timeMs < timeMs);
  }

  /** The largest value of each of the columns before `endMs`, as `Recent.columns` has them. */
  columns(valueIn: ValueIn, endMs: number, columnMs: number, columns: number): Float64Array {
    const result = new Float64Array(columns).fill(Number.NaN);
    const last = Math.floor(endMs / columnMs);
    for (const moments of [this.#fine, this.#coarse, this.#far]) {
      for (let index = moments.length - 1; index >= 0; index--) {
        const moment = moments[index]!;
        const column = columns - 1 - (last - Math.floor(moment.timeMs / columnMs));
        if (column < 0) return result;
        const value = column < columns ? valueIn(moment) : undefined;
        if (typeof value === 'number' && !(result[column]! >= value)) result[column] = value;
      }
    }
    return result;
  }

  #last(isWanted: (moment: Moment) => boolean): Moment | undefined {
    return this.#fine.findLast(isWanted) ?? this.#coarse.findLast(isWanted) ?? this.#far.findLast(isWanted);
  }
}

function secondOf(moment: Moment | undefined): number {
  return moment === undefined ? Number.NaN : Math.floor(moment.timeMs / COARSE_STEP_MS);
}
