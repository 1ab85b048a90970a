/**
 * Where the viewer points, as a share of the time shown: all charts show the same time, so the same share is the
 * same moment in each.
 */
export class SharedCursor {
  readonly #listeners = new Set<() => void>();
  #share: number | undefined;

  /** 0 is the left edge, 1 the right one; undefined when nobody points. */
  get share(): number | undefined {
    return this.#share;
  }

  onMove(listener: () => void): void {
    this.#listeners.add(listener);
  }

  move(share: number | undefined): void {
    if (share === this.#share) return;
    this.#share = share;
    for (const listener of this.#listeners) listener();
  }
}
