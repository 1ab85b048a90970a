import { type PackedRecord, type RecordLayout, slotsOf } from '../../records/layout.ts';
import { PackedSnapshot, SAMPLING } from '../../records/packed_snapshot.ts';
import type { Parts } from '../../records/parts.ts';
import { type Extremes, type ThinnedSnapshot, withExtremes } from '../thinning/thinned_snapshot.ts';

/** Which of the slots of `sampling` are wanted, and what they mean together. */
interface Cut {
  readonly layout: RecordLayout;
  /** Beginning and end of each stretch of wanted slots. */
  readonly stretches: readonly (readonly [from: number, to: number])[];
  readonly slots: number;
}

/** Leaves in snapshots only some collectors, in `sampling` too. Works on rows; the same layouts become the same. */
export class CollectorSelection {
  readonly #collectors: readonly string[];
  readonly #cuts = new WeakMap<RecordLayout, Cut>();

  constructor(collectors: readonly string[]) {
    this.#collectors = collectors;
  }

  /** The same of a snapshot with every collector. */
  of(means: PackedSnapshot, extremes?: ThinnedSnapshot['extremes']): PackedSnapshot {
    const parts = this.#pick(means.parts);
    parts.set(SAMPLING, this.#cut(means.sampling));
    const selected = new PackedSnapshot(means.sequence, means.moment, parts);
    return withExtremes(selected, extremes && this.#pickExtremes(extremes));
  }

  #pickExtremes({ minimum, maximum }: Extremes): Extremes {
    return { minimum: this.#pick(minimum), maximum: this.#pick(maximum) };
  }

  #pick(parts: Parts): Map<string, PackedRecord> {
    const picked = new Map<string, PackedRecord>();
    for (const name of this.#collectors) {
      const part = parts.get(name);
      if (part !== undefined) picked.set(name, part);
    }
    return picked;
  }

  #cut({ layout, row }: PackedRecord): PackedRecord {
    let cut = this.#cuts.get(layout);
    if (cut === undefined) {
      cut = cutOf(layout, this.#collectors);
      this.#cuts.set(layout, cut);
    }
    const wanted = new Float64Array(cut.slots);
    let at = 0;
    for (const [from, to] of cut.stretches) {
      for (let slot = from; slot < to; slot++) wanted[at++] = row[slot]!;
    }
    return { layout: cut.layout, row: wanted };
  }
}

/** Everything in `sampling` but what it says of other collectors. */
function cutOf(sampling: RecordLayout, wanted: readonly string[]): Cut {
  const stretches: [number, number][] = [];
  const values: RecordLayout['values'][number][] = [];
  let slot = 0;
  for (const [index, value] of sampling.values.entries()) {
    const end = slot + slotsOf(value);
    if (sampling.keys[index] === 'collectors' && value.kind === 'map') {
      const found = wanted.filter((name) => value.keys.includes(name));
      for (const name of found) stretches.push(stretchOf(value, name, slot));
      const layouts = found.map((name) => value.values[value.keys.indexOf(name)]!);
      values.push({ kind: 'map', keys: found, values: layouts });
    } else {
      stretches.push([slot, end]);
      values.push(value);
    }
    slot = end;
  }
  const slots = stretches.reduce((sum, [from, to]) => sum + to - from, 0);
  return { layout: { kind: 'map', keys: sampling.keys, values }, stretches, slots };
}

function stretchOf({ keys, values }: RecordLayout, name: string, start: number): [number, number] {
  const index = keys.indexOf(name);
  const from = values.slice(0, index).reduce((sum, value) => sum + slotsOf(value), start);
  return [from, from + slotsOf(values[index]!)];
}
