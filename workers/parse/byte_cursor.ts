import { kernelText } from './kernel_text.ts';

const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Digits of the largest 64-bit counter: more than this many is no number of the kernel's. */
const LONGEST_INTEGER = 20;

/**
 * Walks over the bytes of a kernel table without allocating: parsers ask it for the next number or line.
 * Nothing here throws: past the end there are only empty words and zeros, and `atLineEnd` says so.
 */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;

  over(bytes: Uint8Array, length: number): this {
    this.bytes = bytes;
    this.position = 0;
    this.end = length;
    return this;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Skips blanks and tells whether the line (or the file) ends here. */
  atLineEnd(): boolean {
    this.skipBlanks();
    return this.position >= this.end || this.bytes[this.position] === NEWLINE;
  }

  skipBlanks(): void {
    const { bytes, end } = this;
    let at = this.position;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    this.position = at;
  }

  /** Moves past the next blank-delimited word without looking at it. */
  skipWord(): void {
    this.skipBlanks();
    const { bytes, end } = this;
    let at = this.position;
    while (at < end && bytes[at]! > SPACE) at++;
    this.position = at;
  }

  /** Moves to the first byte of the next line. */
  nextLine(): void {
    const { bytes, end } = this;
    let at = this.position;
    while (at < end && bytes[at] !== NEWLINE) at++;
    this.position = at < end ? at + 1 : end;
  }

  /** Whether the bytes here are exactly these; moves past them if so. */
  take(expected: Uint8Array): boolean {
    const { bytes, position } = this;
    if (position + expected.length > this.end) return false;
    for (let i = 0; i < expected.length; i++) if (bytes[position + i] !== expected[i]) return false;
    this.position = position + expected.length;
    return true;
  }

  /** The digits here as a number; 0 (and no movement) when there are none. Exact up to 2^53. */
  digits(): number {
    const { bytes, end } = this;
    let at = this.position;
    let value = 0;
    while (at < end) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    this.position = at;
    return value;
  }

  /**
   * Reads up to `limit` unsigned integers of this line into `out` and returns how many there were before
   * something else came. Stops behind the last one it read.
   */
  columns(out: Float64Array, limit: number): number {
    const { bytes, end } = this;
    let at = this.position;
    let count = 0;
    while (count < limit) {
      let start = at;
      while (start < end && (bytes[start] === SPACE || bytes[start] === TAB)) start++;
      let next = start;
      let value = 0;
      while (next < end) {
        const digit = bytes[next]! - ZERO;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
        next++;
      }
      if (next === start || next - start > LONGEST_INTEGER) break;
      out[count++] = value;
      at = next;
    }
    this.position = at;
    return count;
  }

  /** The next blank-delimited integer of this line. */
  integer(): number {
    return this.#sign() * this.digits();
  }

  /** The next blank-delimited decimal of this line, such as `1.25`. */
  decimal(): number {
    const sign = this.#sign();
    const whole = this.digits();
    if (this.bytes[this.position] !== POINT) return sign * whole;
    const start = ++this.position;
    const fraction = this.digits();
    return sign * (whole + fraction / 10 ** (this.position - start));
  }

  /** Bytes from one position to another as text; allocates, so not for every line of every tick. */
  text(from: number, to: number): string {
    return kernelText(this.bytes.subarray(from, to));
  }

  #sign(): 1 | -1 {
    this.skipBlanks();
    if (this.position >= this.end || this.bytes[this.position] !== MINUS) return 1;
    this.position++;
    return -1;
  }
}
