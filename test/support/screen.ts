/** A terminal that knows just enough sequences to check what is painted on it. */
export class TestScreen {
  readonly cells: string[][];
  #x = 0;
  #y = 0;

  constructor(width: number, height: number) {
    this.cells = Array.from({ length: height }, () => Array.from({ length: width }, () => '?'));
  }

  /** @throws Error at a sequence it does not know or a character beyond an edge */
  write(output: string): void {
    const [plain = '', ...sequences] = output.split('\u001b[');
    for (const character of plain) this.#put(character);
    for (const sequence of sequences) {
      const [whole = '', parameters = '', final] = /^([\d;]*)([A-Za-z])/.exec(sequence) ?? [];
      if (final === 'H') this.#moveTo(parameters);
      else if (final === 'J') for (const row of this.cells) row.fill(' ');
      else if (final !== 'm') throw new Error(`a sequence that ends in ${final}`);
      for (const character of sequence.slice(whole.length)) this.#put(character);
    }
  }

  get rows(): string[] {
    return this.cells.map((row) => row.join('').trimEnd());
  }

  #moveTo(parameters: string): void {
    const [row = '1', column = '1'] = parameters.split(';');
    this.#y = Number(row) - 1;
    this.#x = Number(column) - 1;
  }

  #put(character: string): void {
    const row = this.cells[this.#y];
    if (row?.[this.#x] === undefined) throw new Error(`"${character}" at ${this.#x}, ${this.#y} is outside`);
    row[this.#x++] = character;
  }
}
