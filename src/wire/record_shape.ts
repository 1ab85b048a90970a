import { CHARACTERS_PER_SLOT, type Layout, type RecordLayout, TEXT_SLOTS } from '../shared/records/layout.ts';
import type { ByteWriter } from './byte_writer.ts';
import { encodeFrame } from './codec.ts';
import type { FieldPath, LayoutFrame } from './frames.ts';

/** What stands before the values of a record: id, sequence number, time. */
export const FIELDS_OF_EVERY_RECORD = 3;

/** What the value of a field is, and with it how many slots of a row it takes. */
export type FieldKind = 'number' | 'flag' | 'text';

/** Writes the records of one layout of snapshots. */
export class RecordShape {
  readonly layout: RecordLayout;
  /** The frame that says what the values of these records mean. */
  readonly layoutFrame: Uint8Array;
  readonly #id: number;
  readonly #kinds: FieldKind[] = [];

  /** @param id under which readers know the layout */
  constructor(id: number, layout: RecordLayout) {
    this.layout = layout;
    this.#id = id;
    const frame: LayoutFrame = { type: 'layout', id, fields: [], constants: [] };
    describe(layout, [], frame, this.#kinds);
    this.layoutFrame = encodeFrame(frame);
  }

  begin(writer: ByteWriter, sequence: number, unixUs: number): void {
    writer.listHeader(FIELDS_OF_EVERY_RECORD + this.#kinds.length);
    writer.number(this.#id);
    writer.number(sequence);
    writer.number(unixUs);
  }

  /** Writes the values between two slots of a row, of which the first is that many fields from the beginning. */
  values(writer: ByteWriter, row: Float64Array, from: number, to: number, field = 0): number {
    let next = field;
    let bytes: Uint8Array | undefined;
    for (let at = from; at < to; next++) {
      const kind = this.#kinds[next];
      if (kind === 'number') writer.number(row[at++]!);
      else if (kind === 'flag') writer.flag(row[at++] === 1);
      else {
        bytes ??= new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
        writer.ascii(bytes, (at + 1) * CHARACTERS_PER_SLOT, row[at]!);
        at += TEXT_SLOTS;
      }
    }
    return next;
  }
}

function describe(layout: Layout, path: FieldPath, frame: LayoutFrame, kinds: FieldKind[]): void {
  switch (layout.kind) {
    case 'constant':
      frame.constants.push([path, layout.text]);
      break;
    case 'list':
      if (layout.items.length === 0) frame.constants.push([path, []]);
      for (const [index, item] of layout.items.entries()) describe(item, [...path, index], frame, kinds);
      break;
    case 'map':
      if (layout.keys.length === 0) frame.constants.push([path, {}]);
      for (const [index, key] of layout.keys.entries()) {
        describe(layout.values[index]!, [...path, key], frame, kinds);
      }
      break;
    default:
      frame.fields.push(path);
      kinds.push(layout.kind);
  }
}
