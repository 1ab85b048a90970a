import { isoTimestamp } from '../base/timestamps.ts';
import type { PackedRecord, RecordLayout } from '../records/layout.ts';
import { slotsOf } from '../records/layout.ts';
import { PackedSnapshot } from '../records/packed_snapshot.ts';
import { decodeFrame } from './packing/codec.ts';
import { isRecord } from './packing/message_pack.ts';
import { RecordsReader } from './records/records_reader.ts';
import { encodeSnapshot } from './snapshot_encoder.ts';

/** What tells snapshots apart. */
export interface FrameHeader {
  readonly sequence: number;
  readonly timestamp: string;
}

/** Makes whole snapshots of records again, for clients that follow the stream in another format. */
export class SnapshotFrameReader {
  readonly #records = new RecordsReader();
  #layout: RecordLayout | undefined;
  #row = new Float64Array();
  #header: FrameHeader | undefined;
  #whole: Uint8Array | undefined;

  /** Whose frame it is; undefined for one that is no snapshot, of which layouts are kept in mind. */
  header(frame: Uint8Array): FrameHeader | undefined {
    this.#header = isRecord(frame) ? this.#openRecord(frame) : this.#openMap(frame);
    return this.#header;
  }

  /** The snapshot of the latest header as a frame of its own; undefined when its bytes are no record after all. */
  frame(): Uint8Array | undefined {
    if (this.#whole !== undefined) return this.#whole;
    const layout = this.#layout;
    if (this.#header === undefined || layout === undefined) return undefined;
    const row = this.#row;
    if (!this.#records.read(row, 0)) return undefined;
    const parts = new Map<string, PackedRecord>();
    let at = 0;
    for (const [index, name] of layout.keys.entries()) {
      const part = layout.values[index]!;
      if (part.kind !== 'map') return undefined;
      const end = at + slotsOf(part);
      parts.set(name, { layout: part, row: row.subarray(at, end) });
      at = end;
    }
    const sampling = parts.get('sampling');
    if (sampling === undefined) return undefined;
    parts.delete('sampling');
    const { sequence, timestamp } = this.#header;
    const moment = { unixUs: this.#records.unixUs, text: timestamp };
    return encodeSnapshot(new PackedSnapshot(sequence, moment, parts, sampling));
  }

  #openRecord(record: Uint8Array): FrameHeader | undefined {
    this.#whole = undefined;
    const known = this.#records.open(record);
    if (known === undefined) return undefined;
    this.#layout = known.layout;
    if (this.#row.length < known.slots) this.#row = new Float64Array(known.slots);
    const { sequence, unixUs } = this.#records;
    return Number.isFinite(unixUs) ? { sequence, timestamp: isoTimestamp(unixUs) } : undefined;
  }

  #openMap(frame: Uint8Array): FrameHeader | undefined {
    this.#layout = undefined;
    this.#whole = undefined;
    try {
      if (this.#records.learn(frame)) return undefined;
      const decoded = decodeFrame(frame);
      if (decoded.type !== 'snapshot') return undefined;
      this.#whole = frame;
      return { sequence: decoded.sequence, timestamp: decoded.timestamp };
    } catch {
      return undefined;
    }
  }
}
