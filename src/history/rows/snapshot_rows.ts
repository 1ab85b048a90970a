import type { RecordLayout } from '../../records/layout.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { SnapshotPacker } from '../../records/snapshot_packer.ts';
import { decodeFrame } from '../../wire/packing/codec.ts';
import { isRecord } from '../../wire/packing/message_pack.ts';
import { recordFrames } from '../../wire/records/record_frames.ts';
import { type KnownLayout, RecordsReader } from '../../wire/records/records_reader.ts';
import { HEADER_SLOTS, SEQUENCE, UNIX_US } from './row_header.ts';

/** Snapshots there is room for before they have to be taken. */
const MOST_AT_ONCE = 1_024;

/** Consecutive snapshots of one layout as rows of numbers. */
export interface SnapshotRows {
  readonly layout: RecordLayout;
  /** Snapshot `i` begins at slot `i * stride`: a header, then the row of the layout. */
  readonly rows: Float64Array;
  readonly stride: number;
  readonly count: number;
}

/** Reads the frames of a journal back into rows. */
export class SnapshotRowReader {
  readonly #reader = new RecordsReader();
  #rows = new Float64Array();

  /**
   * Rows are valid until the next are read: their memory is used again. Frames that are no snapshots, which a
   * checksum cannot tell, are left out.
   */
  *read(frames: Iterable<Uint8Array>): Generator<SnapshotRows> {
    // Before anything else: where a layout was damaged, a later copy of it serves.
    const others = this.#learn(frames);
    yield* this.#readRecords(frames);
    const records = [...recordFrames(packedSnapshots(others))];
    this.#learn(records);
    yield* this.#readRecords(records);
  }

  /** Takes in what records mean; returns what is neither a record nor says so. */
  #learn(frames: Iterable<Uint8Array>): Uint8Array[] {
    const others: Uint8Array[] = [];
    for (const frame of frames) {
      if (!isRecord(frame) && attempt(() => this.#reader.learn(frame)) !== true) others.push(frame);
    }
    return others;
  }

  *#readRecords(frames: Iterable<Uint8Array>): Generator<SnapshotRows> {
    const reader = this.#reader;
    let known: KnownLayout | undefined;
    let stride = 0;
    let count = 0;
    for (const frame of frames) {
      const next = isRecord(frame) ? reader.open(frame) : undefined;
      if (next === undefined) continue;
      if (known !== undefined && count > 0 && (next !== known || count === MOST_AT_ONCE)) {
        yield { layout: known.layout, rows: this.#rows, stride, count };
        count = 0;
      }
      known = next;
      stride = HEADER_SLOTS + known.slots;
      if (this.#rows.length < stride * MOST_AT_ONCE) this.#rows = new Float64Array(stride * MOST_AT_ONCE);
      const at = count * stride;
      if (!reader.read(this.#rows, at + HEADER_SLOTS) || Number.isNaN(reader.unixUs)) continue;
      this.#rows[at + UNIX_US] = reader.unixUs;
      this.#rows[at + SEQUENCE] = reader.sequence;
      count++;
    }
    if (known !== undefined && count > 0) yield { layout: known.layout, rows: this.#rows, stride, count };
  }
}

/** Version 1 of the journal held whole snapshots: as records they are read like all others. */
function* packedSnapshots(frames: readonly Uint8Array[]): Generator<PackedSnapshot> {
  const packer = new SnapshotPacker();
  for (const frame of frames) {
    const decoded = attempt(() => decodeFrame(frame));
    if (decoded?.type === 'snapshot') yield packer.pack(decoded);
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
