import type { RecordLayout } from '../../records/layout.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { ByteWriter } from '../packing/byte_writer.ts';
import type { Protocol } from '../protocol/frames.ts';
import { RecordShape } from './record_shape.ts';

/** A snapshot as a list of values. */
export interface EncodedRecord {
  readonly record: Uint8Array;
  /** The frame that says what the values mean: the same bytes, in the same place, for all records like this one. */
  readonly layout: Uint8Array;
}

/** Encodes snapshots as records, for any number of readers. */
export class RecordsEncoder {
  readonly #writer = new ByteWriter();
  /** One for each layout there is: a collector that is late now and then must not make new ones each time. */
  readonly #shapes = new WeakMap<RecordLayout, RecordShape>();
  readonly #protocol: Protocol;
  #ids = 0;

  constructor(protocol: Protocol = 1) {
    this.#protocol = protocol;
  }

  encode(snapshot: PackedSnapshot): EncodedRecord {
    const shape = this.#shapeOf(snapshot.layout);
    const writer = this.#writer;
    shape.begin(writer, snapshot.sequence, snapshot.moment.unixUs);
    let index = 0;
    for (const { row } of snapshot.parts.values()) shape.part(writer, index++, row, 0);
    return { record: writer.take(), layout: shape.layoutFrame };
  }

  #shapeOf(layout: RecordLayout): RecordShape {
    const known = this.#shapes.get(layout);
    if (known !== undefined) return known;
    const shape = new RecordShape(this.#ids++, layout, this.#protocol);
    this.#shapes.set(layout, shape);
    return shape;
  }
}
