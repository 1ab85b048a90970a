import { fillRow, MISFIT } from './fill_row.ts';
import { layoutOf, type PackedRecord, type RecordLayout, slotsOf } from './layout.ts';

/** Packs objects that look alike most of the time. The objects may be changed afterwards. */
export class Packer {
  #layout: RecordLayout | undefined;
  #slots = 0;

  pack(value: object): PackedRecord {
    if (this.#layout !== undefined) {
      const row = new Float64Array(this.#slots);
      if (fillRow(value, this.#layout, row, 0) !== MISFIT) return { layout: this.#layout, row };
    }
    const layout = layoutOf(value, this.#layout);
    this.#layout = layout;
    this.#slots = slotsOf(layout);
    const row = new Float64Array(this.#slots);
    fillRow(value, layout, row, 0);
    return { layout, row };
  }
}
