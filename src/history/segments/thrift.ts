/**
 * Thrift's compact protocol, as far as it occurs in the footers of Parquet files: read into values that can be changed
 * and are written again as they were, fields nobody here knows of included.
 */
export type Value = boolean | bigint | Uint8Array | List | Struct;

/** Fields by their numbers, in the order they were read in. */
export type Struct = Map<number, Field>;

export interface Field {
  readonly type: number;
  readonly value: Value;
}

export interface List {
  readonly of: number;
  readonly items: readonly Value[];
}

/** What a number that follows is. Integers of all widths are written alike. */
export const INTEGER_64 = 6;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const INTEGER_16 = 4;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

const DOUBLE_BYTES = 8;
const LONG_LIST = 15;

/** @throws RangeError where the bytes end too early or are something else */
export function readStruct(bytes: Uint8Array): Struct {
  return new Reader(bytes).struct();
}

export function writeStruct(struct: Struct): Uint8Array {
  const writer = new Writer();
  writer.struct(struct);
  return Uint8Array.from(writer.bytes);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(): Struct {
    const fields: Struct = new Map();
    for (let id = 0, header = this.#byte(); header !== 0; header = this.#byte()) {
      id = header >> 4 === 0 ? Number(this.#integer()) : id + (header >> 4);
      const type = header & 15;
      fields.set(id, { type, value: this.#value(type, true) });
    }
    return fields;
  }

  /** @param inHeader whether a boolean was told by its type, as it is in fields but not in lists */
  #value(type: number, inHeader: boolean): Value {
    switch (type) {
      case TRUE:
      case FALSE:
        return inHeader ? type === TRUE : this.#byte() === TRUE;
      case BYTE:
        return BigInt(this.#byte());
      case DOUBLE:
        return this.#take(DOUBLE_BYTES);
      case BINARY:
        return this.#take(Number(this.#varint()));
      case LIST:
      case SET:
        return this.#list();
      case STRUCT:
        return this.struct();
      default:
        if (type < INTEGER_16 || type > INTEGER_64) throw new RangeError(`thrift has no type ${type} here`);
        return this.#integer();
    }
  }

  #list(): List {
    const header = this.#byte();
    const length = header >> 4 === LONG_LIST ? Number(this.#varint()) : header >> 4;
    if (length > this.#bytes.length) throw new RangeError('a list is longer than what it is in');
    const of = header & 15;
    return { of, items: Array.from({ length }, () => this.#value(of, false)) };
  }

  #integer(): bigint {
    const zigzag = this.#varint();
    return (zigzag >> 1n) ^ -(zigzag & 1n);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length < length) throw new RangeError('the bytes end in the middle of a value');
    this.#at += length;
    return taken;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('the bytes end in the middle of a value');
    return byte;
  }
}

class Writer {
  readonly bytes: number[] = [];

  struct(struct: Struct): void {
    let before = 0;
    for (const [id, { type, value }] of struct) {
      const delta = id - before;
      if (delta > 0 && delta < 16) this.bytes.push((delta << 4) | type);
      else {
        this.bytes.push(type);
        this.#integer(BigInt(id));
      }
      this.#value(type, value, true);
      before = id;
    }
    this.bytes.push(0);
  }

  #value(type: number, value: Value, inHeader: boolean): void {
    if (typeof value === 'boolean') {
      if (!inHeader) this.bytes.push(value ? TRUE : FALSE);
    } else if (typeof value === 'bigint') {
      if (type === BYTE) this.bytes.push(Number(value));
      else this.#integer(value);
    } else if (value instanceof Uint8Array) {
      if (type === BINARY) this.#varint(BigInt(value.length));
      for (const byte of value) this.bytes.push(byte);
    } else if (value instanceof Map) this.struct(value);
    else this.#list(value);
  }

  #list({ of, items }: List): void {
    if (items.length < LONG_LIST) this.bytes.push((items.length << 4) | of);
    else {
      this.bytes.push((LONG_LIST << 4) | of);
      this.#varint(BigInt(items.length));
    }
    for (const item of items) this.#value(of, item, false);
  }

  #integer(value: bigint): void {
    this.#varint((value << 1n) ^ (value >> 63n));
  }

  #varint(value: bigint): void {
    let left = value;
    for (; left >= 0x80n; left >>= 7n) this.bytes.push(Number(left & 0x7fn) | 0x80);
    this.bytes.push(Number(left));
  }
}
