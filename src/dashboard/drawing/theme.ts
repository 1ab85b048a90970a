/** Colours of canvases come from the style sheet, like all others. */
export class Theme {
  readonly #cache = new Map<string, string>();
  readonly #style = getComputedStyle(document.documentElement);

  /** @param onChange called when the system went dark or light, or forces its own colours */
  constructor(onChange: () => void) {
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', () => {
        this.#cache.clear();
        onChange();
      });
    }
    // Other widths have other sizes, and so has a zoomed page.
    addEventListener('resize', () => this.#cache.clear());
  }

  /** A colour: `color('series-1')` is `--series-1`. */
  color(name: string): string {
    return this.value(name);
  }

  /** A length in CSS pixels: lengths are in rem, so that they grow with the viewer's font. */
  pixels(name: string): number {
    return Number.parseFloat(this.value(name)) * this.#rootPixels;
  }

  /** The font of axes, for canvases. */
  get axisFont(): string {
    return `${this.pixels('axis-font-size')}px system-ui, sans-serif`;
  }

  get #rootPixels(): number {
    const known = this.#cache.get('');
    if (known !== undefined) return Number(known);
    const pixels = Number.parseFloat(this.#style.fontSize);
    this.#cache.set('', String(pixels));
    return pixels;
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
