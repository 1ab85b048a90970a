import type { PackedSnapshot } from '../shared/packed_snapshot.ts';
import { SnapshotLayouts } from '../shared/snapshot_layouts.ts';
import { ByteWriter } from './byte_writer.ts';
import { RecordShape } from './record_shape.ts';

/** Encodes snapshots as lists of values; what the values mean is sent once, and again when it changes. */
export class RecordsEncoder {
  readonly #writer = new ByteWriter();
  readonly #layouts = new SnapshotLayouts();
  #shape: RecordShape | undefined;
  #shapes = 0;

  /** The layout of the latest record, for those who join now. */
  get layoutFrame(): Uint8Array | undefined {
    return this.#shape?.layoutFrame;
  }

  /** The record of a snapshot, with the frame of its layout before it when that is new. */
  encode(snapshot: PackedSnapshot): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const layout = this.#layouts.of(snapshot);
    let shape = this.#shape;
    if (shape === undefined || shape.layout !== layout) {
      shape = new RecordShape(this.#shapes++, layout);
      this.#shape = shape;
      frames.push(shape.layoutFrame);
    }
    const writer = this.#writer;
    shape.begin(writer, snapshot.sequence, snapshot.moment.unixUs);
    let index = 0;
    for (const { row } of snapshot.parts.values()) shape.part(writer, index++, row, 0);
    shape.part(writer, index, snapshot.sampling.row, 0);
    frames.push(writer.take());
    return frames;
  }
}
