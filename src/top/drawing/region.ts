import type { Grid } from './grid.ts';
import { oneCell } from './plain_text.ts';
import { STYLE, type Style } from './style.ts';

/** A rectangle of a grid. What does not fit is cut off at its edges. */
export class Region {
  readonly width: number;
  readonly height: number;
  readonly #grid: Grid;
  /** Where it stands on the screen. */
  readonly left: number;
  readonly top: number;

  constructor(grid: Grid, left: number, top: number, width: number, height: number) {
    this.#grid = grid;
    this.left = left;
    this.top = top;
    this.width = Math.max(0, width);
    this.height = Math.max(0, height);
  }

  /** A part of this region, cut to it. */
  part(left: number, top: number, width = this.width - left, height = this.height - top): Region {
    const right = Math.min(width, this.width - left);
    return new Region(
      this.#grid,
      this.left + left,
      this.top + top,
      right,
      Math.min(height, this.height - top),
    );
  }

  /** Writes text from a cell on and returns the cell behind it. */
  text(left: number, top: number, text: string, style: Style = STYLE.plain): number {
    const inside = top >= 0 && top < this.height;
    let x = left;
    for (let index = 0; index < text.length; index++, x++) {
      let codePoint = text.charCodeAt(index);
      if (codePoint >= 0xd800 && codePoint <= 0xdbff) codePoint = text.codePointAt(index++)!;
      if (inside && x >= 0 && x < this.width) {
        this.#grid.put(this.left + x, this.top + top, oneCell(codePoint), style);
      }
    }
    return x;
  }

  /** Writes text that ends at the right edge. */
  textRight(top: number, text: string, style: Style = STYLE.plain): void {
    this.text(this.width - text.length, top, text, style);
  }
}
