import { RecordShape } from '../../wire/records/record_shape.ts';
import { ToldLayouts } from '../../wire/records/told_layouts.ts';
import { HEADER_SLOTS, LAYOUT_ID, SEQUENCE, UNIX_US, VALUE_SLOTS } from '../rows/row_header.ts';
import type { Batch } from '../rows/snapshot_batch.ts';
import { JournalRecords } from './journal.ts';

/**
 * Makes of each batch what a journal appends: the frames of `format=msgpack-records`. Every batch tells the layouts
 * of its records itself, so that it can be read whatever became of the others.
 */
export class BatchEncoder {
  readonly #records = new JournalRecords();
  readonly #shapes = new Map<number, RecordShape>();

  encode({ rows, used, layouts, forget }: Batch): Uint8Array {
    if (forget) this.#shapes.clear();
    for (const { id, layout } of layouts) this.#shapes.set(id, new RecordShape(id, layout));
    const records = this.#records;
    const told = new ToldLayouts();
    let latest: RecordShape | undefined;
    for (let at = 0; at < used; ) {
      const shape = this.#shapes.get(rows[at + LAYOUT_ID]!);
      if (shape !== undefined) {
        if (shape !== latest && told.isNews(shape.layoutFrame)) records.add(shape.layoutFrame);
        latest = shape;
        const writer = records.begin();
        shape.begin(writer, rows[at + SEQUENCE]!, rows[at + UNIX_US]!);
        let next = at + HEADER_SLOTS;
        for (let part = 0; part < shape.layout.keys.length; part++)
          next = shape.part(writer, part, rows, next);
        records.end();
      }
      at += HEADER_SLOTS + rows[at + VALUE_SLOTS]!;
    }
    return records.take();
  }
}
