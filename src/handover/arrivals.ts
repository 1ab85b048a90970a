const CELLS = 16;
const EXPECTED = 0;
const EVERY = 1;
const FIRST_CELL = 2;

/**
 * Where the collectors' threads meet: counts who has delivered, so that main is woken once, by the last to arrive,
 * instead of once for every collector; and no more often than somebody needs it, which is after every so many
 * deliveries, called a turn. A wake-up too many does no harm, and one that is missing is made good with the next
 * turn, whose first arrival sees that the one before was never complete.
 */
export class Arrivals {
  readonly #cells: Int32Array;
  /** Of the thread that has this end: the turn it arrived for last, and how long turns were then. */
  #turn = -1;
  #every = 0;

  static allocate(): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((FIRST_CELL + CELLS) * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(buffer)[EVERY] = 1;
    return buffer;
  }

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer);
  }

  /** How many collectors a delivery waits for. */
  expect(count: number): void {
    Atomics.store(this.#cells, EXPECTED, count);
  }

  /** After how many deliveries main is woken. */
  wakeEvery(deliveries: number): void {
    const cells = this.#cells;
    if (Atomics.exchange(cells, EVERY, deliveries) === deliveries) return;
    // Who has arrived for a turn of another length says nothing about those to come.
    for (let cell = 0; cell < CELLS; cell++) Atomics.store(cells, FIRST_CELL + cell, 0);
  }

  /** Notes that a collector has delivered; returns whether main must be woken. */
  arrive(delivery: number): boolean {
    const cells = this.#cells;
    const every = Atomics.load(cells, EVERY);
    // Also where the delivery that ends a turn was slept through.
    const turn = Math.floor((delivery + 1) / every);
    if (every === this.#every && turn === this.#turn) return false;
    const isFirstOfItsLength = every !== this.#every;
    this.#every = every;
    this.#turn = turn;
    if (isFirstOfItsLength && (delivery + 1) % every !== 0) return false;
    const expected = Atomics.load(cells, EXPECTED);
    const arrived = Atomics.add(cells, cellOf(turn), 1) + 1;
    if (arrived === 1) {
      // Far enough ahead that nobody can be there yet, and far enough back that nobody is there any more.
      Atomics.store(cells, cellOf(turn + CELLS / 2), 0);
      const before = Atomics.load(cells, cellOf(turn + CELLS - 1));
      if (before > 0 && before < expected) return true;
    }
    return arrived >= expected;
  }
}

function cellOf(turn: number): number {
  return FIRST_CELL + (turn % CELLS);
}
