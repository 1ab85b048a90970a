const CELLS = 16;
const EXPECTED = 0;
const FIRST_CELL = 1;

/**
 * Where the collectors' threads meet: counts who has delivered, so that main is woken once a delivery, by the
 * last to arrive, instead of once for every collector. A wake-up too many does no harm, and one that is missing
 * is made good with the next delivery, whose first arrival sees that the one before was never complete.
 */
export class Arrivals {
  readonly #cells: Int32Array;

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer((FIRST_CELL + CELLS) * Int32Array.BYTES_PER_ELEMENT);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer);
  }

  /** How many collectors a delivery waits for. */
  expect(count: number): void {
    Atomics.store(this.#cells, EXPECTED, count);
  }

  /** Notes that a collector has delivered; returns whether main must be woken. */
  arrive(delivery: number): boolean {
    const cells = this.#cells;
    const expected = Atomics.load(cells, EXPECTED);
    const arrived = Atomics.add(cells, cellOf(delivery), 1) + 1;
    if (arrived === 1) {
      // Far enough ahead that nobody can be there yet, and far enough back that nobody is there any more.
      Atomics.store(cells, cellOf(delivery + CELLS / 2), 0);
      const before = Atomics.load(cells, cellOf(delivery + CELLS - 1));
      if (before > 0 && before < expected) return true;
    }
    return arrived >= expected;
  }
}

function cellOf(delivery: number): number {
  return FIRST_CELL + (delivery % CELLS);
}
