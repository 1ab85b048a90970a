import ansiEscapes from 'ansi-escapes';
import { Grid } from './grid.ts';
import { STYLE, type Style, styleSequences } from './style.ts';

/** So many cells that did not change cost less to write again than to step over. */
const SHORTEST_STEP = 4;

/**
 * Turns grids into what to write to the terminal: only the cells that differ from the grid before. Cells are
 * compared as numbers in two arrays, which is what makes ten frames a second of a large terminal cheap.
 */
export class Painter {
  readonly #sequences: Readonly<Record<Style, string>>;
  /** A frame is made of few different characters; a string is made once of each. */
  readonly #texts = new Map<number, string>();
  #shown: Grid | undefined;

  constructor(colour: boolean) {
    this.#sequences = styleSequences(colour);
  }

  /** The terminal shows something else by now: the next grid is painted whole. */
  forget(): void {
    this.#shown = undefined;
  }

  /** The sequences that make the terminal show this grid; empty when it does already. */
  paint(grid: Grid): string {
    let output = '';
    let before = this.#shown;
    if (before === undefined || before.width !== grid.width || before.height !== grid.height) {
      before = new Grid(grid.width, grid.height);
      this.#shown = before;
      output = this.#sequences[STYLE.plain] + ansiEscapes.eraseScreen;
    }
    let style: number = -1;
    for (let y = 0; y < grid.height; y++) {
      let cursor = -1;
      for (let x = 0; x < grid.width; x++) {
        const cell = y * grid.width + x;
        if (isSame(grid, before, cell)) continue;
        let from = x;
        if (cursor < 0 || x - cursor > SHORTEST_STEP) output += ansiEscapes.cursorTo(x, y);
        else from = cursor;
        for (let at = from; at <= x; at++) {
          const each = y * grid.width + at;
          if (grid.styles[each] !== style) {
            style = grid.styles[each]!;
            output += this.#sequences[style as Style];
          }
          output += this.#textOf(grid.characters[each]!);
        }
        cursor = x + 1;
      }
    }
    before.characters.set(grid.characters);
    before.styles.set(grid.styles);
    return output === '' ? '' : output + this.#sequences[STYLE.plain];
  }

  #textOf(codePoint: number): string {
    let text = this.#texts.get(codePoint);
    if (text === undefined) {
      text = String.fromCodePoint(codePoint);
      this.#texts.set(codePoint, text);
    }
    return text;
  }
}

function isSame(one: Grid, other: Grid, cell: number): boolean {
  return one.characters[cell] === other.characters[cell] && one.styles[cell] === other.styles[cell];
}
