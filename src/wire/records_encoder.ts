import type { PackedSnapshot } from '../shared/packed_snapshot.ts';
import type { Layout, RecordLayout } from '../shared/records/layout.ts';
import { TEXT_SLOTS } from '../shared/records/layout.ts';
import { textAt } from '../shared/records/unpack.ts';
import { ByteWriter } from './byte_writer.ts';
import { encodeFrame } from './codec.ts';
import type { FieldPath, LayoutFrame } from './frames.ts';

const US_PER_MS = 1_000;
const FIELDS_OF_EVERY_RECORD = 3;

/** The kinds of the values of one part of a snapshot, in the order of its row. */
interface Part {
  readonly name: string;
  readonly layout: RecordLayout;
  readonly kinds: readonly ('number' | 'flag' | 'text')[];
}

/** Encodes snapshots as lists of values; what the values mean is sent once, and again when it changes. */
export class RecordsEncoder {
  readonly #writer = new ByteWriter();
  #parts: Part[] = [];
  #id = -1;
  /** The layout of the latest record, for those who join now. */
  layoutFrame: Uint8Array | undefined;

  /** The record of a snapshot, with the frame of its layout before it when that is new. */
  encode(snapshot: PackedSnapshot): Uint8Array[] {
    const records = [...snapshot.parts, ['sampling', snapshot.sampling] as const];
    const known =
      records.length === this.#parts.length &&
      records.every(([name, { layout }], i) => {
        const part = this.#parts[i]!;
        return part.layout === layout && part.name === name;
      });
    const frames = known ? [] : [this.#describe(records.map(([name, { layout }]) => [name, layout]))];
    const writer = this.#writer;
    const values = this.#parts.reduce((sum, { kinds }) => sum + kinds.length, 0);
    writer.listHeader(FIELDS_OF_EVERY_RECORD + values);
    writer.number(this.#id);
    writer.number(snapshot.sequence);
    writer.number(microseconds(snapshot.timestamp));
    for (let i = 0; i < records.length; i++) writeValues(writer, records[i]![1].row, this.#parts[i]!.kinds);
    frames.push(writer.take());
    return frames;
  }

  #describe(parts: readonly (readonly [string, RecordLayout])[]): Uint8Array {
    const frame: LayoutFrame = { type: 'layout', id: ++this.#id, fields: [], constants: [] };
    this.#parts = parts.map(([name, layout]) => {
      const kinds: Part['kinds'][number][] = [];
      describe(layout, [name], frame, kinds);
      return { name, layout, kinds };
    });
    this.layoutFrame = encodeFrame(frame);
    return this.layoutFrame;
  }
}

function describe(layout: Layout, path: FieldPath, frame: LayoutFrame, kinds: Part['kinds'][number][]): void {
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

function writeValues(writer: ByteWriter, row: Float64Array, kinds: Part['kinds']): void {
  let at = 0;
  for (const kind of kinds) {
    if (kind === 'number') writer.number(row[at++]!);
    else if (kind === 'flag') writer.flag(row[at++] === 1);
    else {
      writer.text(textAt(row, at));
      at += TEXT_SLOTS;
    }
  }
}

/** Unix microseconds of `2026-01-02T03:04:05.678901Z`. */
function microseconds(timestamp: string): number {
  return Date.parse(timestamp) * US_PER_MS + Number(timestamp.slice(23, 26) || 0);
}
