import { type FlatLayout, flatten, type ValueKind } from '../../records/flatten.ts';
import { type RecordLayout, TEXT_SLOTS } from '../../records/layout.ts';
import { charactersAt } from '../../records/unpack.ts';
import type { ByteWriter } from '../packing/byte_writer.ts';
import { encodeFrame } from '../packing/codec.ts';
import type { Protocol } from '../protocol/frames.ts';
import { layoutFrameOf } from './record_layout.ts';

/** What stands before the values of a record: id, sequence number, time. */
export const FIELDS_OF_EVERY_RECORD = 3;

/** Fields of one kind, one behind another. */
interface Stretch {
  readonly kind: ValueKind;
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
  readonly #parts: readonly (readonly Stretch[])[];

  /**
   * @param id under which readers know the layout
   * @param protocol from 2 on, the layout frame has the kinds of the values
   */
  constructor(id: number, layout: RecordLayout, protocol: Protocol = 1) {
    const flat = flatten(layout);
    this.layout = layout;
    this.layoutFrame = encodeFrame(layoutFrameOf(id, flat, protocol));
    this.#id = id;
    this.#fields = flat.values.length;
    this.#parts = layout.keys.map((name) => stretchesOf(name, flat));
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

function stretchesOf(part: string, { values }: FlatLayout): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { kind, path } of values) {
    if (path[0] !== part) continue;
    const last = stretches.at(-1);
    if (last?.kind === kind) last.count++;
    else stretches.push({ kind, count: 1 });
  }
  return stretches;
}
