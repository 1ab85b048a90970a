import { counterDelta } from '../base/rates.ts';

const RANGE_32_BIT = 2 ** 32;

/** Which columns of a kernel table are the counters of one group. */
export interface CounterLayout {
  /** Column of each counter: first those that rates are computed from, then the rest. */
  readonly columns: readonly number[];
  /** How many of them, from the first, rates are computed from. */
  readonly rated: number;
}

/** For how many readings a counter may come back to where it stood before it jumped. */
const MAY_COME_BACK = 30;

/**
 * The counters of one interface or device from one reading to the next.
 *
 * A counter that went backwards has wrapped or was reset, and which of the two shows in its neighbours: a wrap
 * befalls one counter at a time, a reset all of them. One that grew by more than can have happened tells nothing
 * either. After both it may turn out that only a reading was wrong (some drivers show a row of zeros now and then):
 * when the counters stand soon where they would have come to, they grew from where they stood before.
 */
export class CounterGroup {
  /** The latest reading, in the order of the layout. */
  readonly values: Float64Array;
  /** What the counters grew by since the reading before, or since the last one believed; zeros unless `known`. */
  readonly deltas: Float64Array;
  /** Whether `deltas` tell what happened since the reading before: not at first sight, nor after a reset. */
  known = false;
  /** Whether this reading says that more happened than can have. */
  impossible = false;
  readonly #layout: CounterLayout;
  readonly #believed: Float64Array;
  #seen = false;
  /** Readings left in which the counters may come back to what was believed; 0 when nothing is in doubt. */
  #doubtful = 0;

  /** Whether there is a reading to compare the next one with. */
  get isSeen(): boolean {
    return this.#seen;
  }

  constructor(layout: CounterLayout) {
    this.#layout = layout;
    this.values = new Float64Array(layout.columns.length);
    this.deltas = new Float64Array(layout.columns.length);
    this.#believed = new Float64Array(layout.columns.length);
  }

  /**
   * Takes in the next reading.
   *
   * @param most by how much each rated counter can have grown since the reading before; without it, by anything
   */
  advance(reading: Float64Array, most?: Float64Array): void {
    const { values, deltas } = this;
    const { columns, rated } = this.#layout;
    let backwards = 0;
    let known = this.#seen;
    let impossible = false;
    if (this.#doubtful === 0) this.#believed.set(values);
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
      if (i < rated && most !== undefined && delta > most[i]!) impossible = true;
      deltas[i] = delta;
      values[i] = current;
    }
    this.impossible = this.#seen && impossible;
    this.known = known && backwards <= 1 && !impossible;
    if (this.#doubtful > 0) {
      if (this.#cameBack(most)) {
        this.known = true;
        this.impossible = false;
        this.#doubtful = 0;
      } else this.#doubtful--;
    } else if (this.#seen && !this.known) this.#doubtful = MAY_COME_BACK;
    this.#seen = true;
    if (!this.known) deltas.fill(0);
  }

  /** Takes the next reading for the first: it may be of something else. */
  forget(): void {
    this.#seen = false;
    this.#doubtful = 0;
    this.impossible = false;
  }

  /** Whether the counters stand where they would have come to without the readings in doubt; tells so if they do. */
  #cameBack(most: Float64Array | undefined): boolean {
    const { values, deltas } = this;
    const believed = this.#believed;
    const readings = MAY_COME_BACK - this.#doubtful + 2;
    for (let i = 0; i < this.#layout.rated; i++) {
      const growth = values[i]! - believed[i]!;
      if (growth < 0 || (most !== undefined && growth > most[i]! * readings)) return false;
      // Of two stories the one in which less happened.
      if (this.known && growth > deltas[i]!) return false;
    }
    for (let i = 0; i < deltas.length; i++) deltas[i] = Math.max(0, values[i]! - believed[i]!);
    return true;
  }
}
