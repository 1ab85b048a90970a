/** Colours of canvases come from the style sheet, like all others. */
export class Theme {
  readonly #cache = new Map<string, string>();
  readonly #style = getComputedStyle(document.documentElement);

  /** @param onChange called when the system went dark or light */
  constructor(onChange: () => void) {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#cache.clear();
      onChange();
    });
  }

  /** The value of a custom property: `color('series-1')` is `--series-1`. */
  color(name: string): string {
    let value = this.#cache.get(name);
    if (value === undefined) {
      value = this.#style.getPropertyValue(`--${name}`).trim();
      this.#cache.set(name, value);
    }
    return value;
  }
}
