import { LONGEST_NUMBER_BYTES, putAscii, putNumber } from './message_pack.ts';

const INITIAL_BYTES = 16 * 1024;
/** What is set aside at a time for frames that are cut one after another. */
const CHUNK_BYTES = 256 * 1024;

/** Writes MessagePack values one after another. Only what a snapshot consists of. */
export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  /** Where what was written since the last time begins. */
  #from = 0;

  /** Where the next byte goes. */
  get length(): number {
    return this.#at;
  }

  /** Leaves room for what is known later; returns where. */
  gap(bytes: number): number {
    this.#reserve(bytes);
    this.#at += bytes;
    return this.#at - bytes;
  }

  /** Fills in 32 bits of a gap, the least significant first. */
  fillGap(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /**
   * Reserves bytes and returns where they begin. Whoever writes them, into {@link bytes} as they are now,
   * says in {@link close} where they end.
   */
  open(mostBytes: number): number {
    this.#reserve(mostBytes);
    return this.#at;
  }

  close(end: number): void {
    this.#at = end;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** What was written from a place on, until more is written. */
  since(at: number): Uint8Array {
    return this.#bytes.subarray(at, this.#at);
  }

  /** What was written since the last time, as a copy that can be kept. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(this.#from, this.#at);
    this.#at = this.#from;
    return taken;
  }

  /**
   * The same without a copy: what comes next is written behind it. It keeps alive what was cut before and after it,
   * so it is for what is not kept long. Memory for each frame would cost more than writing it.
   */
  cut(): Uint8Array {
    const taken = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  mapHeader(entries: number): void {
    this.#reserve(5);
    if (entries < 16) this.#byte(0x80 | entries);
    else if (entries > 0xffff) {
      this.#byte(0xdf);
      this.#view.setUint32(this.#at, entries);
      this.#at += 4;
    } else {
      this.#byte(0xde);
      this.#view.setUint16(this.#at, entries);
      this.#at += 2;
    }
  }

  listHeader(items: number): void {
    this.#reserve(5);
    if (items < 16) this.#byte(0x90 | items);
    else if (items > 0xffff) {
      this.#byte(0xdd);
      this.#view.setUint32(this.#at, items);
      this.#at += 4;
    } else {
      this.#byte(0xdc);
      this.#view.setUint16(this.#at, items);
      this.#at += 2;
    }
  }

  flag(value: boolean): void {
    this.#reserve(1);
    this.#byte(value ? 0xc3 : 0xc2);
  }

  number(value: number): void {
    this.#reserve(LONGEST_NUMBER_BYTES);
    this.#at = putNumber(this.#bytes, this.#view, this.#at, value);
  }

  /** The numbers between two slots of a row. */
  numbers(row: Float64Array, from: number, to: number): void {
    this.#reserve(LONGEST_NUMBER_BYTES * (to - from));
    const bytes = this.#bytes;
    const view = this.#view;
    let at = this.#at;
    for (let slot = from; slot < to; slot++) at = putNumber(bytes, view, at, row[slot]!);
    this.#at = at;
  }

  text(text: string): void {
    // Three bytes a UTF-16 unit are the most there can be.
    this.#reserve(5 + text.length * 3);
    let ascii = text.length < 32;
    for (let i = 0; ascii && i < text.length; i++) ascii = text.charCodeAt(i) < 0x80;
    if (ascii) {
      this.#byte(0xa0 | text.length);
      for (let i = 0; i < text.length; i++) this.#byte(text.charCodeAt(i));
      return;
    }
    const bytes = new TextEncoder().encode(text);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else if (bytes.length < 0x1_0000) {
      this.#byte(0xda);
      this.#view.setUint16(this.#at, bytes.length);
      this.#at += 2;
    } else {
      this.#byte(0xdb);
      this.#view.setUint32(this.#at, bytes.length);
      this.#at += 4;
    }
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A short text whose characters are all ASCII, one byte each. */
  ascii(characters: Uint8Array): void {
    this.#reserve(2 + characters.length);
    this.#at = putAscii(this.#bytes, this.#at, characters);
  }

  #byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    // What was cut is left to those who have it.
    const written = this.#bytes.subarray(this.#from, this.#at);
    const size = this.#from > 0 ? CHUNK_BYTES : this.#bytes.length * 2;
    this.#bytes = new Uint8Array(Math.max(written.length + bytes, size));
    this.#bytes.set(written);
    this.#view = new DataView(this.#bytes.buffer);
    this.#from = 0;
    this.#at = written.length;
  }
}
