const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const ZERO = 48;

/**
 * Some numbers out of a table with one `key value` per line (meminfo, vmstat).
 *
 * The kernel prints the lines in the same order each time, so the keys are looked for in the order they stood
 * last time, each from where the one before was found: one native search per key, and the lines between, which
 * are most of the file, are never looked at.
 */
export class KeyedNumbers {
  /** By position in `keys`; NaN for a key the file does not have. */
  readonly values: Float64Array;
  readonly #patterns: readonly Buffer[];
  /** Positions in `keys`, in the order of the file. */
  #order: number[] = [];

  /** @param separator what follows a key at once: `:` in meminfo, a space in vmstat */
  constructor(keys: readonly string[], separator: string) {
    this.values = new Float64Array(keys.length);
    this.#patterns = keys.map((key) => Buffer.from(`\n${key}${separator}`));
  }

  /** Fills `values` from the first `length` bytes, which must end with a whole line. */
  parse(bytes: Buffer, length: number): void {
    if (this.#order.length === 0 || !this.#parseInOrder(bytes, length)) {
      this.#learnOrder(bytes, length);
      this.#parseInOrder(bytes, length);
    }
  }

  #parseInOrder(bytes: Buffer, length: number): boolean {
    const { values } = this;
    const order = this.#order;
    let from = 0;
    for (let i = 0; i < order.length; i++) {
      const key = order[i]!;
      const pattern = this.#patterns[key]!;
      const found = this.#find(bytes, length, pattern, from);
      if (found === -1) return false;
      from = found;
      values[key] = numberAt(bytes, length, found);
    }
    return true;
  }

  /** Position after the key and its separator, or -1. */
  #find(bytes: Buffer, length: number, pattern: Buffer, from: number): number {
    if (from === 0 && startsWith(bytes, pattern, length)) return pattern.length - 1;
    const found = bytes.indexOf(pattern, from === 0 ? 0 : from - 1);
    return found === -1 || found + pattern.length > length ? -1 : found + pattern.length;
  }

  #learnOrder(bytes: Buffer, length: number): void {
    this.values.fill(Number.NaN);
    const found: { key: number; at: number }[] = [];
    for (let key = 0; key < this.#patterns.length; key++) {
      const at = this.#find(bytes, length, this.#patterns[key]!, 0);
      if (at !== -1) found.push({ key, at });
    }
    found.sort((a, b) => a.at - b.at);
    this.#order = found.map(({ key }) => key);
  }
}

/** Whether the file begins with the key, which has no newline before it there. */
function startsWith(bytes: Buffer, pattern: Buffer, length: number): boolean {
  if (length < pattern.length - 1) return false;
  for (let i = 1; i < pattern.length; i++) if (bytes[i - 1] !== pattern[i]) return false;
  return true;
}

/** The integer after optional blanks; NaN when there is none, or more than digits in the word. */
function numberAt(bytes: Buffer, length: number, from: number): number {
  let at = from;
  while (at < length && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  const start = at;
  let value = 0;
  while (at < length) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at++;
  }
  const after = bytes[at];
  const ended = at < length && (after === SPACE || after === NEWLINE || after === TAB);
  return at > start && ended && Number.isFinite(value) ? value : Number.NaN;
}
