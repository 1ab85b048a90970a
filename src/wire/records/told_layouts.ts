/** Which layouts one reader of records already knows. */
export class ToldLayouts {
  /** Weak: what was forgotten where records are made will not be asked about again. */
  readonly #told = new WeakSet<Uint8Array>();

  /** Whether the frame of a layout has to come before the next record; it counts as told from then on. */
  isNews(layout: Uint8Array): boolean {
    if (this.#told.has(layout)) return false;
    this.#told.add(layout);
    return true;
  }
}
