import {
  type Layout,
  MOST_TEXT_CHARACTERS,
  type PackedRecord,
  type RecordLayout,
  TEXT_SLOTS,
} from '../../records/layout.ts';
import { charactersAt } from '../../records/unpack.ts';
import { ByteWriter } from '../packing/byte_writer.ts';
import { FALSE, LONGEST_NUMBER_BYTES, putAscii, putNumber, TRUE } from '../packing/message_pack.ts';

const NUMBER = 0;
const FLAG = 1;
const TEXT = 2;

const MOST_BYTES = [LONGEST_NUMBER_BYTES, 1, 2 + MOST_TEXT_CHARACTERS] as const;

/** What stands in every map of one layout, and where the values from its row belong. */
interface RecordTemplate {
  /** All that does not change, one piece behind another: keys, headers, texts that are always the same. */
  readonly fixed: DataView;
  /** Of each value, how far into `fixed` goes what stands before it; then where the last piece ends. */
  readonly ends: Uint32Array;
  /** Of each value, what it is. */
  readonly kinds: Uint8Array;
  /** What the whole takes at most. */
  readonly mostBytes: number;
}

/** What is copied at once: most pieces are too short to be worth a call, and too long to be copied byte by byte. */
const WORD_BYTES = 4;

const templates = new WeakMap<RecordLayout, RecordTemplate>();

/**
 * Writes a record as the map it stands for. One loop, because nearly everything a client is sent goes through it. The
 * last word of a piece may reach beyond it: what it writes there is written over by what follows.
 */
export function writeRecord(writer: ByteWriter, { layout, row }: PackedRecord): void {
  let template = templates.get(layout);
  if (template === undefined) {
    template = templateOf(layout);
    templates.set(layout, template);
  }
  const { fixed, ends, kinds, mostBytes } = template;
  let at = writer.open(mostBytes);
  const { bytes, view } = writer;
  let from = 0;
  let slot = 0;
  for (let value = 0; ; value++) {
    const upTo = ends[value]!;
    for (; from < upTo; from += WORD_BYTES, at += WORD_BYTES) view.setInt32(at, fixed.getInt32(from));
    at -= from - upTo;
    from = upTo;
    if (value === kinds.length) break;
    const kind = kinds[value];
    if (kind === NUMBER) at = putNumber(bytes, view, at, row[slot++]!);
    else if (kind === FLAG) bytes[at++] = row[slot++] === 1 ? TRUE : FALSE;
    else {
      at = putAscii(bytes, at, charactersAt(row, slot));
      slot += TEXT_SLOTS;
    }
  }
  writer.close(at);
}

function templateOf(layout: RecordLayout): RecordTemplate {
  const writer = new ByteWriter();
  const ends: number[] = [];
  const kinds: (typeof NUMBER | typeof FLAG | typeof TEXT)[] = [];
  const add = (part: Layout): void => {
    switch (part.kind) {
      case 'constant':
        writer.text(part.text);
        break;
      case 'list':
        writer.listHeader(part.items.length);
        for (const item of part.items) add(item);
        break;
      case 'map':
        writer.mapHeader(part.keys.length);
        for (const [index, key] of part.keys.entries()) {
          writer.text(key);
          add(part.values[index]!);
        }
        break;
      default:
        ends.push(writer.length);
        kinds.push(part.kind === 'number' ? NUMBER : part.kind === 'flag' ? FLAG : TEXT);
    }
  };
  add(layout);
  ends.push(writer.length);
  writer.gap(WORD_BYTES);
  const fixed = new DataView(writer.take().buffer);
  const mostBytes = kinds.reduce<number>((sum, kind) => sum + MOST_BYTES[kind], fixed.byteLength);
  return { fixed, ends: Uint32Array.from(ends), kinds: Uint8Array.from(kinds), mostBytes };
}
