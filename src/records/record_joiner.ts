import type { PackedRecord, RecordLayout } from './layout.ts';

/** Layouts that are remembered: some take turns, as when a collector is late now and then. */
const MOST_LAYOUTS = 64;

/** Makes one record of several, under their names; of the same layouts always the same layout. */
export class RecordJoiner {
  #known: RecordLayout[] = [];

  join(records: ReadonlyMap<string, PackedRecord>): PackedRecord {
    let slots = 0;
    for (const { row } of records.values()) slots += row.length;
    const row = new Float64Array(slots);
    let at = 0;
    for (const part of records.values()) {
      row.set(part.row, at);
      at += part.row.length;
    }
    return { layout: this.#layoutOf(records), row };
  }

  #layoutOf(records: ReadonlyMap<string, PackedRecord>): RecordLayout {
    const known = this.#known.find((layout) => fits(layout, records));
    if (known !== undefined) return known;
    const layout: RecordLayout = {
      kind: 'map',
      keys: [...records.keys()],
      values: [...records.values()].map((record) => record.layout),
    };
    if (this.#known.length === MOST_LAYOUTS) this.#known = [];
    this.#known.unshift(layout);
    return layout;
  }
}

function fits({ keys, values }: RecordLayout, records: ReadonlyMap<string, PackedRecord>): boolean {
  if (keys.length !== records.size) return false;
  let i = 0;
  for (const [name, { layout }] of records) {
    if (keys[i] !== name || values[i] !== layout) return false;
    i++;
  }
  return true;
}
