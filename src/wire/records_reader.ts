import { CHARACTERS_PER_SLOT, type RecordLayout, slotsOf, TEXT_SLOTS } from '../shared/records/layout.ts';
import { decodeFrame } from './codec.ts';
import type { LayoutFrame } from './frames.ts';
import { FALSE, listAt, numberAt, TRUE, textHeaderLength, valueLength } from './message_pack.ts';
import { layoutFrom } from './record_layout.ts';
import { FIELDS_OF_EVERY_RECORD, type FieldKind } from './record_shape.ts';

/** What records with one id have in common. */
export interface KnownLayout {
  readonly layout: RecordLayout;
  readonly kinds: readonly FieldKind[];
  /** Slots a row of values takes. */
  readonly slots: number;
}

/** A layout that was told, and how it is to be read once a record has shown what its values are. */
interface ToldLayout {
  readonly bytes: Uint8Array;
  readonly frame: LayoutFrame;
  known: KnownLayout | undefined;
}

/** Reads records back into rows of numbers, without making objects of them. */
export class RecordsReader {
  /** Of the record opened last. */
  sequence = Number.NaN;
  unixUs = Number.NaN;
  readonly #layouts = new Map<number, ToldLayout>();
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer(0));
  #known: KnownLayout | undefined;
  /** Where the values of the record begin. */
  #values = 0;

  /** How many layouts were told. */
  get layouts(): number {
    return this.#layouts.size;
  }

  /** Takes in what records mean from now on; whether the frame is one that says so. */
  learn(frame: Uint8Array): boolean {
    // A journal says the same again every second.
    for (const { bytes } of this.#layouts.values()) if (areSame(bytes, frame)) return true;
    const decoded = decodeFrame(frame);
    if (decoded.type !== 'layout') return false;
    this.#layouts.set(decoded.id, { bytes: frame.slice(), frame: decoded, known: undefined });
    return true;
  }

  /** Begins to read a record; undefined when the bytes are none, or its layout was never told. */
  open(record: Uint8Array): KnownLayout | undefined {
    const list = listAt(record, 0);
    if (list === undefined || list.items < FIELDS_OF_EVERY_RECORD) return undefined;
    this.#bytes = record;
    this.#view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    let at = list.first;
    const header = [Number.NaN, Number.NaN, Number.NaN];
    for (let i = 0; i < FIELDS_OF_EVERY_RECORD; i++) {
      const length = at < record.length ? valueLength(record, at) : -1;
      if (length < 0 || at + length > record.length) return undefined;
      header[i] = numberAt(this.#view, at);
      at += length;
    }
    const [id = Number.NaN, sequence = Number.NaN, unixUs = Number.NaN] = header;
    const told = this.#layouts.get(id);
    if (told === undefined || told.frame.fields.length !== list.items - FIELDS_OF_EVERY_RECORD)
      return undefined;
    this.sequence = sequence;
    this.unixUs = unixUs;
    this.#values = at;
    told.known ??= this.#know(told.frame);
    this.#known = told.known;
    return told.known;
  }

  /** Writes the values of the record opened last into a row, from a slot on; false when they are not what they were. */
  read(row: Float64Array, from: number): boolean {
    const bytes = this.#bytes;
    const view = this.#view;
    const kinds = this.#known?.kinds ?? [];
    let at = this.#values;
    let slot = from;
    for (let field = 0; field < kinds.length; field++) {
      if (at >= bytes.length) return false;
      const length = valueLength(bytes, at);
      if (length < 0 || at + length > bytes.length) return false;
      const kind = kinds[field];
      if (kind === 'number') row[slot++] = numberAt(view, at);
      else if (kind === 'flag') row[slot++] = bytes[at] === TRUE ? 1 : 0;
      else {
        if (!readText(bytes, at, length, row, slot)) return false;
        slot += TEXT_SLOTS;
      }
      at += length;
    }
    return at === bytes.length;
  }

  /** A flag is never null, nor is a text: those were another layout. */
  #know(frame: LayoutFrame): KnownLayout | undefined {
    const bytes = this.#bytes;
    const kinds: FieldKind[] = [];
    for (let at = this.#values; kinds.length < frame.fields.length; ) {
      const lead = bytes[at];
      const length = lead === undefined ? -1 : valueLength(bytes, at);
      if (lead === undefined || length < 0) return undefined;
      if (lead === TRUE || lead === FALSE) kinds.push('flag');
      else kinds.push(textHeaderLength(lead) > 0 ? 'text' : 'number');
      at += length;
    }
    const layout = layoutFrom(frame, kinds);
    return { layout, kinds, slots: slotsOf(layout) };
  }
}

/** The characters of a text in slots, as in a row of the sampler. */
function readText(bytes: Uint8Array, at: number, length: number, row: Float64Array, slot: number): boolean {
  const header = textHeaderLength(bytes[at]!);
  const characters = length - header;
  if (header === 0 || characters > (TEXT_SLOTS - 1) * CHARACTERS_PER_SLOT) return false;
  row[slot] = characters;
  const target = new Uint8Array(row.buffer, row.byteOffset + (slot + 1) * CHARACTERS_PER_SLOT, characters);
  for (let i = 0; i < characters; i++) target[i] = bytes[at + header + i]!;
  return true;
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
