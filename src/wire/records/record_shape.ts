import { type Layout, type RecordLayout, TEXT_SLOTS } from '../../records/layout.ts';
import { charactersAt } from '../../records/unpack.ts';
import type { ByteWriter } from '../packing/byte_writer.ts';
import { encodeFrame } from '../packing/codec.ts';
import type { FieldKind, FieldPath, LayoutFrame, Protocol } from '../protocol/frames.ts';

/** What stands before the values of a record: id, sequence number, time. */
export const FIELDS_OF_EVERY_RECORD = 3;

/** So many fields of one kind, one behind another. */
interface Run {
  readonly kind: FieldKind;
  count: number;
}

/** Writes the records of one layout of snapshots. */
export class RecordShape {
  readonly layout: RecordLayout;
  /** The frame that says what the values of these records mean. */
  readonly layoutFrame: Uint8Array;
  readonly #id: number;
  readonly #fields: number;
  /** The values of each part of a snapshot. */
  readonly #parts: readonly (readonly Run[])[];

  /**
   * @param id under which readers know the layout
   * @param protocol from 2 on, the layout frame has the kinds of the values
   */
  constructor(id: number, layout: RecordLayout, protocol: Protocol = 1) {
    const frame: LayoutFrame = { type: 'layout', id, fields: [], constants: [] };
    this.#parts = layout.keys.map((name, index) => {
      const runs: Run[] = [];
      describe(layout.values[index]!, [name], frame, runs);
      return runs;
    });
    if (protocol > 1) {
      frame.kinds = this.#parts
        .flat()
        .flatMap(({ kind, count }) => Array.from({ length: count }, () => kind));
    }
    this.layout = layout;
    this.layoutFrame = encodeFrame(frame);
    this.#id = id;
    this.#fields = frame.fields.length;
  }

  begin(writer: ByteWriter, sequence: number, unixUs: number): void {
    writer.listHeader(FIELDS_OF_EVERY_RECORD + this.#fields);
    writer.number(this.#id);
    writer.number(sequence);
    writer.number(unixUs);
  }

  /** Writes the values of a part, which begin at a slot of a row; returns the slot behind them. */
  part(writer: ByteWriter, index: number, row: Float64Array, from: number): number {
    let at = from;
    for (const { kind, count } of this.#parts[index]!) {
      if (kind === 'number') {
        writer.numbers(row, at, at + count);
        at += count;
      } else if (kind === 'flag') {
        for (let i = 0; i < count; i++) writer.flag(row[at++] === 1);
      } else {
        for (let i = 0; i < count; i++, at += TEXT_SLOTS) writer.ascii(charactersAt(row, at));
      }
    }
    return at;
  }
}

function describe(layout: Layout, path: FieldPath, frame: LayoutFrame, runs: Run[]): void {
  switch (layout.kind) {
    case 'constant':
      frame.constants.push([path, layout.text]);
      break;
    case 'list':
      if (layout.items.length === 0) frame.constants.push([path, []]);
      for (const [index, item] of layout.items.entries()) describe(item, [...path, index], frame, runs);
      break;
    case 'map':
      if (layout.keys.length === 0) frame.constants.push([path, {}]);
      for (const [index, key] of layout.keys.entries()) {
        describe(layout.values[index]!, [...path, key], frame, runs);
      }
      break;
    default: {
      frame.fields.push(path);
      const last = runs.at(-1);
      if (last?.kind === layout.kind) last.count++;
      else runs.push({ kind: layout.kind, count: 1 });
    }
  }
}
