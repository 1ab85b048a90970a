import { CHARACTERS_PER_SLOT, type Layout, type PackedRecord, TEXT_SLOTS } from './layout.ts';

/** The object of a packed record, made anew each time. */
export function unpack(record: PackedRecord): Record<string, unknown> {
  return new RowReader(record.row).map(record.layout);
}

/** The characters of the text in the slots from `at` on, one byte each. */
export function charactersAt(row: Float64Array, at: number): Uint8Array {
  return new Uint8Array(row.buffer, row.byteOffset + (at + 1) * CHARACTERS_PER_SLOT, row[at]);
}

/** The text in the slots from `at` on. */
export function textAt(row: Float64Array, at: number): string {
  let text = '';
  for (const character of charactersAt(row, at)) text += String.fromCharCode(character);
  return text;
}

class RowReader {
  readonly #row: Float64Array;
  #at = 0;

  constructor(row: Float64Array) {
    this.#row = row;
  }

  map({ keys, values }: Extract<Layout, { kind: 'map' }>): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const value = this.#value(values[i]!);
      if (key !== '__proto__') object[key] = value;
      // Assigned, it would be swallowed: an interface or a device may be called anything.
      else
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  #value(layout: Layout): unknown {
    switch (layout.kind) {
      case 'number': {
        const number = this.#row[this.#at++]!;
        return Number.isNaN(number) ? null : number;
      }
      case 'flag':
        return this.#row[this.#at++] === 1;
      case 'constant':
        return layout.text;
      case 'text': {
        const text = textAt(this.#row, this.#at);
        this.#at += TEXT_SLOTS;
        return text;
      }
      case 'list':
        return layout.items.map((item) => this.#value(item));
      case 'map':
        return this.map(layout);
    }
  }
}
