import type { ValueKind } from './flatten.ts';

/** Where a value stands in the rows of a layout. */
export class Slot {
  readonly #index: number;
  readonly #kind: ValueKind;

  constructor(index: number, kind: ValueKind) {
    this.#index = index;
    this.#kind = kind;
  }

  // No properties of its own, so that a slot looks like an object without any.
  get index(): number {
    return this.#index;
  }

  get kind(): ValueKind {
    return this.#kind;
  }
}

/** A snapshot as an object that has slots where the values stand, and texts that never change: its shape. */
export type Outline = Readonly<Record<string, unknown>>;
