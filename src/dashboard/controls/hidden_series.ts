import type { ViewState } from '../view/view_state.ts';

/** Which series of a panel are not drawn, as the address says. */
export class HiddenSeries {
  readonly #view: ViewState;
  readonly #choice: string;
  /** What was hidden before the first press of what may become two. */
  #before: readonly string[] = [];

  constructor(view: ViewState, panel: string) {
    this.#view = view;
    this.#choice = `hide.${panel}`;
  }

  get labels(): ReadonlySet<string> {
    return new Set(this.#view.choices(this.#choice));
  }

  /** @param all the labels that can be hidden */
  press(label: string, press: 'once' | 'again' | 'alone', all: readonly string[]): void {
    const hidden = this.#view.choices(this.#choice);
    const choose = (labels: readonly string[], isStep: boolean): void =>
      this.#view.chooseSeveral(this.#choice, labels, isStep);
    if (press === 'alone') choose(alone(label, hidden, all), true);
    // The first press has made a step already, which this one corrects.
    else if (press === 'again') choose(alone(label, this.#before, all), false);
    else {
      this.#before = hidden;
      choose(hidden.includes(label) ? hidden.filter((one) => one !== label) : [...hidden, label], true);
    }
  }
}

/** Everything but one; everything is shown again when it was alone already. */
function alone(label: string, hidden: readonly string[], all: readonly string[]): string[] {
  const others = all.filter((one) => one !== label);
  return !hidden.includes(label) && others.every((one) => hidden.includes(one)) ? [] : others;
}
