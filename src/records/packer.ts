import { fillRow, MISFIT } from './fill_row.ts';
import { layoutOf, type PackedRecord, type RecordLayout, slotsOf } from './layout.ts';

/** Layouts that take turns: of six collectors any may be late, which is 64 already. A new one costs everybody. */
const MOST_LAYOUTS = 256;

/** Packs objects that look alike most of the time. The objects may be changed afterwards. */
export class Packer {
  /** The one of the latest object first. */
  readonly #known: { readonly layout: RecordLayout; readonly slots: number }[] = [];

  /** Long enough for the longest row. */
  #scratch = new Float64Array();

  pack(value: object): PackedRecord {
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const { layout, slots } = known[i]!;
      if (fillRow(value, layout, this.#scratch, 0) === MISFIT) continue;
      if (i > 0) known.unshift(...known.splice(i, 1));
      return { layout, row: this.#scratch.slice(0, slots) };
    }
    const layout = layoutOf(value, known[0]?.layout);
    const slots = slotsOf(layout);
    known.unshift({ layout, slots });
    known.length = Math.min(known.length, MOST_LAYOUTS);
    if (this.#scratch.length < slots) this.#scratch = new Float64Array(slots);
    fillRow(value, layout, this.#scratch, 0);
    return { layout, row: this.#scratch.slice(0, slots) };
  }
}
