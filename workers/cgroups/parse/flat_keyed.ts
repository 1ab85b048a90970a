import { malformed, requireWholeLines } from '../../parse/malformed.ts';

const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
/** Digits of the largest 64-bit counter. */
const LONGEST_INTEGER = 20;

/** What stood in a line of the file read last: the key, and which of those asked for it is. */
interface Line {
  readonly key: Uint8Array;
  readonly column: number;
}

/**
 * Some numbers of a small file with one `key value` a line (cpu.stat, memory.events), whose lines stand in the same
 * order in every group: a key is compared with what stood in that line the last time, and looked up only when it is
 * another. Where a file ends sooner, as cpu.stat does without the cpu controller, the rest is not there.
 */
export class FlatKeyed {
  /** By place in `keys`; NaN for a key the file does not have. */
  readonly values: Float64Array;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #lines: Line[] = [];

  constructor(keys: readonly string[]) {
    this.values = new Float64Array(keys.length);
    this.#columns = new Map(keys.map((key, column) => [key, column]));
  }

  /** @throws HzstatError SOURCE_MALFORMED when the file is cut off, or a line is no key with a number */
  parse(path: string, bytes: Uint8Array, length: number): void {
    requireWholeLines(path, bytes, length);
    const { values } = this;
    values.fill(Number.NaN);
    let at = 0;
    for (let index = 0; at < length; index++) {
      let line = this.#lines[index];
      if (line === undefined || !standsAt(bytes, at, line.key)) line = this.#learn(path, index, bytes, at);
      at += line.key.length;
      const start = at;
      let value = 0;
      let digit = bytes[at]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = bytes[++at]! - ZERO;
      }
      if (at === start || at - start > LONGEST_INTEGER || bytes[at] !== NEWLINE) throw oddLine(path, index);
      if (line.column >= 0) values[line.column] = value;
      at++;
    }
  }

  /** The number of the first line alone, as far as its key is the first asked for; else NaN. */
  firstOf(bytes: Uint8Array, length: number): number {
    const line = this.#lines[0];
    if (line === undefined || line.column !== 0 || length <= line.key.length) return Number.NaN;
    if (bytes[length - 1] !== NEWLINE || !standsAt(bytes, 0, line.key)) return Number.NaN;
    let at = line.key.length;
    let value = 0;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO)
      value = value * 10 + digit;
    return at > line.key.length && bytes[at] === NEWLINE ? value : Number.NaN;
  }

  /** Remembers the key of a line, with the blank behind it. */
  #learn(path: string, index: number, bytes: Uint8Array, start: number): Line {
    let end = start;
    while (bytes[end] !== SPACE && bytes[end] !== NEWLINE) end++;
    if (bytes[end] === NEWLINE) throw oddLine(path, index);
    const key = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    const line = { key: Buffer.from(`${key} `, 'latin1'), column: this.#columns.get(key) ?? -1 };
    this.#lines[index] = line;
    return line;
  }
}

function oddLine(path: string, index: number): Error {
  return malformed(path, `has a line ${index + 1} that is no key with a number`);
}

function standsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
