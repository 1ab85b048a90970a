import type { ValueRange } from '../drawing/value_range.ts';
import type { ViewState } from '../view/view_state.ts';

/** Which values a panel shows, as the address says: `auto`, `0..100`, or what is usual for it. */
export class ValueScale {
  readonly #view: ViewState;
  readonly #choice: string;

  constructor(view: ViewState, panel: string) {
    this.#view = view;
    this.#choice = `y.${panel}`;
  }

  get chosen(): ValueRange | 'auto' | undefined {
    const text = this.#view.choice(this.#choice);
    if (text === 'auto') return text;
    const [from = Number.NaN, to = Number.NaN] = text?.split('..').map(Number) ?? [];
    return to > from ? { from, to } : undefined;
  }

  choose(values: ValueRange | 'auto' | undefined): void {
    const text = typeof values === 'object' ? `${short(values.from)}..${short(values.to)}` : values;
    this.#view.choose(this.#choice, text);
  }

  /** Shows a part of what is shown, given in shares of it. */
  zoom(shown: ValueRange, from: number, to: number): void {
    const size = shown.to - shown.from;
    this.choose({ from: shown.from + from * size, to: shown.from + to * size });
  }
}

/** Nobody sees more than four digits on an axis, and addresses are read. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
