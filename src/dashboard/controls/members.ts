import type { ViewState } from '../view/view_state.ts';

/** The things of one kind that are drawn by a panel: interfaces, devices, mounts, cores. */
export class Members {
  readonly #view: ViewState;
  readonly #panel: string;
  readonly #prefix: string;

  /** @param prefix of the choices of this kind, such as `if:` */
  constructor(view: ViewState, panel: string, prefix: string) {
    this.#view = view;
    this.#panel = panel;
    this.#prefix = prefix;
  }

  /** Their names in the order in which they were chosen. */
  get chosen(): readonly string[] {
    const choices = this.#view.choices(this.#panel);
    return choices.filter((one) => one.startsWith(this.#prefix)).map((one) => one.slice(this.#prefix.length));
  }

  /** Draws one more or one less; with none left the panel shows what is usual for it. */
  toggle(name: string): void {
    const { chosen } = this;
    const left = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
    this.#view.hold();
    // Other units have another scale.
    if (chosen.length === 0 || left.length === 0) this.#view.choose(`y.${this.#panel}`, undefined);
    this.#view.chooseSeveral(
      this.#panel,
      left.map((one) => `${this.#prefix}${one}`),
    );
    this.#view.release();
  }
}
