import type { PackedSnapshot } from '../shared/packed_snapshot.ts';
import {
  CHARACTERS_PER_SLOT,
  type Layout,
  type PackedRecord,
  type RecordLayout,
  TEXT_SLOTS,
} from '../shared/records/layout.ts';
import { ByteWriter } from './byte_writer.ts';

/** What stands in every frame that has this layout, cut where a value from the row belongs. */
interface Template {
  readonly pieces: readonly { readonly before: Uint8Array; readonly kind: 'number' | 'flag' | 'text' }[];
  readonly end: Uint8Array;
}

const writer = new ByteWriter();
const templates = new WeakMap<RecordLayout, Template>();
const FIELDS_OF_EVERY_SNAPSHOT = 4;

/**
 * The frame of a snapshot, byte for byte a map as any MessagePack library reads it. Made from the rows: what does
 * not change from tick to tick is copied from a template, and no object is built.
 */
export function encodeSnapshot({ sequence, timestamp, parts, sampling }: PackedSnapshot): Uint8Array {
  writer.mapHeader(FIELDS_OF_EVERY_SNAPSHOT + parts.size);
  writer.text('type');
  writer.text('snapshot');
  writer.text('sequence');
  writer.number(sequence);
  writer.text('timestamp');
  writer.text(timestamp);
  for (const [name, part] of parts) {
    writer.text(name);
    writeRecord(part);
  }
  writer.text('sampling');
  writeRecord(sampling);
  return writer.cut();
}

function writeRecord({ layout, row }: PackedRecord): void {
  let template = templates.get(layout);
  if (template === undefined) {
    template = new TemplateMaker().make(layout);
    templates.set(layout, template);
  }
  let at = 0;
  let bytes: Uint8Array | undefined;
  for (const { before, kind } of template.pieces) {
    writer.raw(before);
    if (kind === 'number') writer.number(row[at++]!);
    else if (kind === 'flag') writer.flag(row[at++] === 1);
    else {
      bytes ??= new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
      writer.ascii(bytes, (at + 1) * CHARACTERS_PER_SLOT, row[at]!);
      at += TEXT_SLOTS;
    }
  }
  writer.raw(template.end);
}

class TemplateMaker {
  readonly #pieces: { before: Uint8Array; kind: 'number' | 'flag' | 'text' }[] = [];
  readonly #writer = new ByteWriter();

  make(layout: RecordLayout): Template {
    this.#add(layout);
    return { pieces: this.#pieces, end: this.#writer.take() };
  }

  #add(layout: Layout): void {
    switch (layout.kind) {
      case 'constant':
        this.#writer.text(layout.text);
        break;
      case 'list':
        this.#writer.listHeader(layout.items.length);
        for (const item of layout.items) this.#add(item);
        break;
      case 'map':
        this.#writer.mapHeader(layout.keys.length);
        for (const [index, key] of layout.keys.entries()) {
          this.#writer.text(key);
          this.#add(layout.values[index]!);
        }
        break;
      default:
        this.#pieces.push({ before: this.#writer.take(), kind: layout.kind });
    }
  }
}
