import { counterDelta } from './rates.ts';

const RANGE_32_BIT = 2 ** 32;

/** Which columns of a kernel table are the counters of one group. */
export interface CounterLayout {
  /** Column of each counter: first those that rates are computed from, then the rest. */
  readonly columns: readonly number[];
  /** How many of them, from the first, rates are computed from. */
  readonly rated: number;
}

/**
 * The counters of one interface or device from one reading to the next.
 *
 * A counter that went backwards has wrapped or was reset, and which of the two shows in its neighbours: a wrap
 * befalls one counter at a time, a reset all of them.
 */
export class CounterGroup {
  /** The latest reading, in the order of the layout. */
  readonly values: Float64Array;
  /** What the counters grew by since the reading before; zeros unless `known`. */
  readonly deltas: Float64Array;
  /** Whether `deltas` tell what happened since the reading before: not at first sight, nor after a reset. */
  known = false;
  readonly #layout: CounterLayout;
  #seen = false;

  constructor(layout: CounterLayout) {
    this.#layout = layout;
    this.values = new Float64Array(layout.columns.length);
    this.deltas = new Float64Array(layout.columns.length);
  }

  /** Takes in the next reading. */
  advance(reading: Float64Array): void {
    const { values, deltas } = this;
    const { columns, rated } = this.#layout;
    let backwards = 0;
    let known = this.#seen;
    for (let i = 0; i < columns.length; i++) {
      const current = reading[columns[i]!]!;
      const previous = values[i]!;
      let delta = current - previous;
      if (delta < 0) {
        if (i < rated) backwards++;
        const wrapped = counterDelta(previous, current, RANGE_32_BIT);
        if (wrapped === undefined && i < rated) known = false;
        delta = wrapped ?? 0;
      }
      deltas[i] = delta;
      values[i] = current;
    }
    this.known = known && backwards <= 1;
    this.#seen = true;
    if (!this.known) deltas.fill(0);
  }

  /** Takes the next reading for the first: it may be of something else. */
  forget(): void {
    this.#seen = false;
  }
}
