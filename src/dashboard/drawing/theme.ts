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

  /** A colour: `color('series-1')` is `--series-1`. */
  color(name: string): string {
    return this.value(name);
  }

  /** A length in CSS pixels. */
  pixels(name: string): number {
    return Number.parseFloat(this.value(name));
  }

  /** The value of a custom property. */
  value(name: string): string {
    let value = this.#cache.get(name);
    if (value === undefined) {
      value = this.#style.getPropertyValue(`--${name}`).trim();
      this.#cache.set(name, value);
    }
    return value;
  }
}
