import { isoTimestamp } from '../base/timestamps.ts';
import { PackedSnapshot, SAMPLING } from '../records/packed_snapshot.ts';
import { splitParts } from '../records/parts.ts';
import { SnapshotPacker } from '../records/snapshot_packer.ts';
import { decodeFrame } from './packing/codec.ts';
import { isRecord } from './packing/message_pack.ts';
import type { SnapshotFrame } from './protocol/frames.ts';
import { type KnownLayout, type LayoutMemory, RecordsReader } from './records/records_reader.ts';

/** What tells snapshots apart. */
export interface SnapshotHeader {
  readonly sequence: number;
  readonly timestamp: string;
}

/** Makes snapshots of frames again, be they records or whole maps. */
export class SnapshotReader {
  readonly #records: RecordsReader;
  readonly #packer = new SnapshotPacker();
  /** What the latest header belongs to: a record of this layout, or a map. */
  #known: KnownLayout | undefined;
  #timestamp = '';
  #whole: SnapshotFrame | undefined;

  /** @param memory shared by readers whose snapshots shall have the same layouts where they look the same */
  constructor(memory?: LayoutMemory) {
    this.#records = new RecordsReader(memory);
  }

  /** Whose frame it is; undefined for one that is no snapshot, of which layouts are kept in mind. */
  header(frame: Uint8Array): SnapshotHeader | undefined {
    this.#known = undefined;
    this.#whole = undefined;
    return isRecord(frame) ? this.#openRecord(frame) : this.#openMap(frame);
  }

  /** The snapshot of the latest header; undefined when its bytes are no record after all. */
  snapshot(): PackedSnapshot | undefined {
    if (this.#whole !== undefined) return this.#packer.pack(this.#whole);
    if (this.#known === undefined) return undefined;
    const { layout, slots } = this.#known;
    const row = new Float64Array(slots);
    if (!this.#records.read(row, 0)) return undefined;
    const parts = splitParts({ layout, row });
    if (parts?.has(SAMPLING) !== true) return undefined;
    const { sequence, unixUs } = this.#records;
    return new PackedSnapshot(sequence, { unixUs, text: this.#timestamp }, parts);
  }

  #openRecord(record: Uint8Array): SnapshotHeader | undefined {
    const known = this.#records.open(record);
    const { sequence, unixUs } = this.#records;
    if (known === undefined || !Number.isFinite(unixUs)) return undefined;
    this.#known = known;
    this.#timestamp = isoTimestamp(unixUs);
    return { sequence, timestamp: this.#timestamp };
  }

  #openMap(frame: Uint8Array): SnapshotHeader | undefined {
    try {
      if (this.#records.learn(frame)) return undefined;
      const decoded = decodeFrame(frame);
      if (decoded.type !== 'snapshot') return undefined;
      this.#whole = decoded;
      return { sequence: decoded.sequence, timestamp: decoded.timestamp };
    } catch {
      return undefined;
    }
  }
}
