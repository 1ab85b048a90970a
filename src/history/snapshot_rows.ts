import type { RecordLayout } from '../shared/records/layout.ts';
import { slotsOf } from '../shared/records/layout.ts';
import { SnapshotLayouts } from '../shared/snapshot_layouts.ts';
import { SnapshotPacker } from '../shared/snapshot_packer.ts';
import { decodeFrame } from '../wire/codec.ts';
import { isRecord } from '../wire/message_pack.ts';
import { RecordsReader } from '../wire/records_reader.ts';

/** Slots before the values of a snapshot. */
export const UNIX_US = 0;
export const SEQUENCE = 1;
export const HEADER_SLOTS = 2;

/** As many as the engine takes at once of a table with one row for each. */
const MOST_AT_ONCE = 1_024;
const MOST_LAYOUTS = 1_024;

/** Consecutive snapshots of one layout as rows of numbers. Valid until the next ones are read. */
export interface SnapshotRows {
  readonly layout: RecordLayout;
  /** Snapshot `i` begins at slot `i * stride`: the header above, then the row of the layout. */
  readonly rows: Float64Array;
  readonly stride: number;
  readonly count: number;
}

/** Reads the frames of a journal back into rows. */
export class SnapshotRowReader {
  readonly #packer = new SnapshotPacker();
  readonly #layouts = new SnapshotLayouts();
  #reader = new RecordsReader();
  #rows = new Float64Array();

  /** Frames that are no snapshots, which a checksum cannot tell, are left out. */
  *read(frames: Iterable<Uint8Array>): Generator<SnapshotRows> {
    // What was made of layouts serves the next journal, too; not for ever, because they keep coming.
    if (this.#reader.layouts > MOST_LAYOUTS) this.#reader = new RecordsReader();
    const reader = this.#reader;
    // Before anything else: where a layout was damaged, a later copy of it serves.
    for (const frame of frames) if (!isRecord(frame)) attempt(() => reader.learn(frame));
    let layout: RecordLayout | undefined;
    let stride = 0;
    let count = 0;
    for (const frame of frames) {
      const record = isRecord(frame) ? reader.open(frame) : undefined;
      const packed = isRecord(frame) ? undefined : attempt(() => this.#pack(frame));
      const next = record?.layout ?? packed?.layout;
      if (next === undefined) continue;
      if (count === MOST_AT_ONCE || (next !== layout && layout !== undefined)) {
        if (count > 0) yield { layout: layout!, rows: this.#rows, stride, count };
        count = 0;
      }
      if (next !== layout) {
        layout = next;
        stride = HEADER_SLOTS + (record?.slots ?? slotsOf(next));
        if (this.#rows.length < stride * MOST_AT_ONCE) this.#rows = new Float64Array(stride * MOST_AT_ONCE);
      }
      const at = count * stride;
      const values = at + HEADER_SLOTS;
      if (record !== undefined) {
        if (!reader.read(this.#rows, values)) continue;
        this.#rows[at + UNIX_US] = reader.unixUs;
        this.#rows[at + SEQUENCE] = reader.sequence;
      } else if (packed !== undefined) {
        this.#rows.set(packed.row, values);
        this.#rows[at + UNIX_US] = packed.unixUs;
        this.#rows[at + SEQUENCE] = packed.sequence;
      }
      if (!Number.isNaN(this.#rows[at + UNIX_US])) count++;
    }
    if (count > 0) yield { layout: layout!, rows: this.#rows, stride, count };
  }

  /** A snapshot as version 1 of the journal holds it, whole. */
  #pack(
    frame: Uint8Array,
  ): { layout: RecordLayout; row: number[]; unixUs: number; sequence: number } | undefined {
    const decoded = decodeFrame(frame);
    if (decoded.type !== 'snapshot') return undefined;
    const packed = this.#packer.pack(decoded);
    const row = [...packed.parts.values(), packed.sampling].flatMap((part) => [...part.row]);
    return {
      layout: this.#layouts.of(packed),
      row,
      unixUs: packed.moment.unixUs,
      sequence: packed.sequence,
    };
  }
}

/** What a frame holds; undefined for one that holds nothing of the kind. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
