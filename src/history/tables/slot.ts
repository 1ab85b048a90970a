/** Where a value stands in the rows of a layout; in its place where a snapshot is only looked at for its shape. */
export class Slot {
  readonly #index: number;
  readonly #kind: 'number' | 'flag' | 'text';

  constructor(index: number, kind: 'number' | 'flag' | 'text') {
    this.#index = index;
    this.#kind = kind;
  }

  // No properties of its own, so that a slot looks like an object without any.
  get index(): number {
    return this.#index;
  }

  get kind(): 'number' | 'flag' | 'text' {
    return this.#kind;
  }
}
