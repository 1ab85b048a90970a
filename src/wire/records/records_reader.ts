import type { ValueKind } from '../../records/flatten.ts';
import { CHARACTERS_PER_SLOT, type RecordLayout, slotsOf, TEXT_SLOTS } from '../../records/layout.ts';
import { decodeFrame } from '../packing/codec.ts';
import { FALSE, listAt, numberAt, TRUE, textHeaderLength, valueLength } from '../packing/message_pack.ts';
import type { LayoutFrame } from '../protocol/frames.ts';
import { layoutFrom } from './record_layout.ts';
import { FIELDS_OF_EVERY_RECORD } from './record_shape.ts';

/** What records with one id have in common. */
export interface KnownLayout {
  readonly layout: RecordLayout;
  readonly kinds: readonly ValueKind[];
  /** Slots a row of values takes. */
  readonly slots: number;
}

/** A layout that was told, and how it is to be read once a record has shown what its values are. */
export interface ToldLayout {
  readonly bytes: Uint8Array;
  readonly frame: LayoutFrame;
  known: KnownLayout | undefined;
}

/** Layouts that were told, by their frames: readers that share it make the same layout of the same frame. */
export type LayoutMemory = Map<string, ToldLayout>;

/** Beyond that all are forgotten: whoever wrote so many different ones did not mean to be read. */
const MOST_REMEMBERED = 1_024;

const NOTHING = new ArrayBuffer(0);

/** Reads records back into rows of numbers, without making objects of them. */
export class RecordsReader {
  /** Of the record opened last. */
  sequence = Number.NaN;
  unixUs = Number.NaN;
  readonly #layouts = new Map<number, ToldLayout>();
  /** The memory the record opened last lies in, and where in it the record ends and its values begin. */
  #bytes: Uint8Array = new Uint8Array(NOTHING);
  #view: DataView = new DataView(NOTHING);
  #end = 0;
  #values = 0;
  #known: KnownLayout | undefined;
  /** The memory of the row written last. */
  #rowBytes: Uint8Array = new Uint8Array(NOTHING);
  readonly #memory: LayoutMemory | undefined;

  constructor(memory?: LayoutMemory) {
    this.#memory = memory;
  }

  /** Takes in what records mean from now on; whether the frame is one that says so. */
  learn(frame: Uint8Array): boolean {
    // A journal says the same again every second.
    for (const { bytes } of this.#layouts.values()) if (areSame(bytes, frame)) return true;
    const key = this.#memory && Buffer.from(frame).toString('latin1');
    let told = key === undefined ? undefined : this.#memory?.get(key);
    if (told === undefined) {
      const decoded = decodeFrame(frame);
      if (decoded.type !== 'layout') return false;
      told = { bytes: frame.slice(), frame: decoded, known: undefined };
      if (key !== undefined) this.#remember(key, told);
    }
    this.#layouts.set(told.frame.id, told);
    return true;
  }

  #remember(key: string, told: ToldLayout): void {
    if (this.#memory?.size === MOST_REMEMBERED) this.#memory.clear();
    this.#memory?.set(key, told);
  }

  /** Begins to read a record; undefined when the bytes are none, or its layout was never told. */
  open(record: Uint8Array): KnownLayout | undefined {
    // Records of one journal lie in one piece of memory, and a view for each would be an object for each.
    if (record.buffer !== this.#bytes.buffer) {
      this.#bytes = new Uint8Array(record.buffer);
      this.#view = new DataView(record.buffer);
    }
    this.#end = record.byteOffset + record.byteLength;
    const list = listAt(this.#bytes, record.byteOffset, this.#end);
    if (list === undefined || list.items < FIELDS_OF_EVERY_RECORD) return undefined;
    this.#values = list.first;
    const id = this.#headerNumber();
    this.sequence = this.#headerNumber();
    this.unixUs = this.#headerNumber();
    const told = this.#layouts.get(id);
    if (told?.frame.fields.length !== list.items - FIELDS_OF_EVERY_RECORD) return undefined;
    told.known ??= this.#know(told.frame);
    this.#known = told.known;
    return told.known;
  }

  /** Writes the values of the record opened last into a row, from a slot on; false when they are not what they were. */
  read(row: Float64Array, from: number): boolean {
    const bytes = this.#bytes;
    const view = this.#view;
    const end = this.#end;
    const kinds = this.#known?.kinds ?? [];
    let at = this.#values;
    let slot = from;
    for (let field = 0; field < kinds.length; field++) {
      const kind = kinds[field];
      // Half of all numbers are small and whole.
      if (kind === 'number' && at < end && bytes[at]! < 0x80) {
        row[slot++] = bytes[at++]!;
        continue;
      }
      const length = at < end ? valueLength(bytes, at) : -1;
      if (length < 0 || at + length > end) return false;
      if (kind === 'number') row[slot++] = numberAt(view, at);
      else if (kind === 'flag') row[slot++] = bytes[at] === TRUE ? 1 : 0;
      else {
        if (!this.#readText(at, length, row, slot)) return false;
        slot += TEXT_SLOTS;
      }
      at += length;
    }
    return at === end;
  }

  /** The next number of the header; NaN when there is none. */
  #headerNumber(): number {
    const at = this.#values;
    const length = at < this.#end ? valueLength(this.#bytes, at) : -1;
    if (length < 0 || at + length > this.#end) return Number.NaN;
    this.#values += length;
    return numberAt(this.#view, at);
  }

  /** As the layout says, or as its first record shows: a flag is never null, nor is a text, which were another layout. */
  #know(frame: LayoutFrame): KnownLayout | undefined {
    if (frame.kinds?.length === frame.fields.length) return known(frame, frame.kinds);
    const bytes = this.#bytes;
    const kinds: ValueKind[] = [];
    for (let at = this.#values; kinds.length < frame.fields.length; ) {
      const length = at < this.#end ? valueLength(bytes, at) : -1;
      if (length < 0) return undefined;
      const lead = bytes[at]!;
      if (lead === TRUE || lead === FALSE) kinds.push('flag');
      else kinds.push(textHeaderLength(lead) > 0 ? 'text' : 'number');
      at += length;
    }
    return known(frame, kinds);
  }

  /** The characters of a text in slots, as in a row of the sampler. */
  #readText(at: number, length: number, row: Float64Array, slot: number): boolean {
    const bytes = this.#bytes;
    const header = textHeaderLength(bytes[at]!);
    const characters = length - header;
    if (header === 0 || characters > (TEXT_SLOTS - 1) * CHARACTERS_PER_SLOT) return false;
    if (row.buffer !== this.#rowBytes.buffer) this.#rowBytes = new Uint8Array(row.buffer);
    const target = this.#rowBytes;
    const to = row.byteOffset + (slot + 1) * CHARACTERS_PER_SLOT;
    row[slot] = characters;
    for (let i = 0; i < characters; i++) target[to + i] = bytes[at + header + i]!;
    return true;
  }
}

function known(frame: LayoutFrame, kinds: readonly ValueKind[]): KnownLayout {
  const layout = layoutFrom(frame, kinds);
  return { layout, kinds, slots: slotsOf(layout) };
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
