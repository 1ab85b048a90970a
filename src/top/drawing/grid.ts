import { STYLE, type Style } from './style.ts';

const SPACE = 0x20;

/** A screenful of cells: one character and one style each. */
export class Grid {
  readonly width: number;
  readonly height: number;
  /** Code points, row by row. */
  readonly characters: Uint32Array;
  readonly styles: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.characters = new Uint32Array(width * height).fill(SPACE);
    this.styles = new Uint8Array(width * height);
  }

  clear(): void {
    this.characters.fill(SPACE);
    this.styles.fill(STYLE.plain);
  }

  /** Puts one character where it lies inside. */
  put(x: number, y: number, codePoint: number, style: Style): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const cell = y * this.width + x;
    this.characters[cell] = codePoint;
    this.styles[cell] = style;
  }

  /** The rows as text, for people and tests. */
  rows(): string[] {
    return Array.from({ length: this.height }, (_, y) =>
      String.fromCodePoint(...this.characters.subarray(y * this.width, (y + 1) * this.width)).trimEnd(),
    );
  }
}
