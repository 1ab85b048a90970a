import type { ViewState } from './view_state.ts';
import { isoTime } from './zone.ts';

/** A click so close to the moment that is kept lets go of it. */
const LET_GO_PX = 5;

/**
 * Where the viewer points, as a share of the time shown: all charts show the same time, so the same share is the
 * same moment in each. A moment can be kept, and is then pointed at while nothing else is.
 */
export class SharedCursor {
  readonly #view: ViewState;
  readonly #listeners = new Set<(byHand: boolean) => void>();
  #share: number | undefined;

  constructor(view: ViewState) {
    this.#view = view;
    view.onChange(() => this.#tell());
  }

  /** 0 is the left edge, 1 the right one; undefined when nobody points. */
  get share(): number | undefined {
    if (this.#share !== undefined) return this.#share;
    const kept = this.kept;
    if (kept === undefined) return undefined;
    const { from, to } = this.#view.range;
    const share = (kept - from) / (to - from);
    return share >= 0 && share <= 1 ? share : undefined;
  }

  /** The moment that is kept, in seconds since 1970. */
  get kept(): number | undefined {
    const at = Date.parse(this.#view.choice('at') ?? '') / 1000;
    return Number.isNaN(at) ? undefined : at;
  }

  /** Calls with whether the viewer moved it, or time did. */
  onMove(listener: (byHand: boolean) => void): void {
    this.#listeners.add(listener);
  }

  move(share: number | undefined): void {
    if (share === this.#share) return;
    this.#share = share;
    this.#tell();
  }

  /** Keeps a moment, or lets go of it when it is kept already. @param widthPx how wide the time shown is */
  keep(moment: number, widthPx: number): void {
    const kept = this.kept;
    const isSame = kept !== undefined && Math.abs(kept - moment) < (LET_GO_PX / widthPx) * this.#view.span;
    this.#view.note('at', isSame ? undefined : isoTime(moment));
  }

  letGo(): void {
    this.#share = undefined;
    this.#view.note('at', undefined);
    this.#tell();
  }

  /** Time went on, and a moment that is kept with it. */
  follow(): void {
    if (this.kept !== undefined) this.#tell(false);
  }

  #tell(byHand = true): void {
    for (const listener of this.#listeners) listener(byHand);
  }
}
