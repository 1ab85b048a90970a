import { type Layout, type RecordLayout, slotsOf } from '../../records/layout.ts';
import { isMean, weightOf } from './averaging.ts';

/** A place in the data: names, and numbers for places in lists. */
export type Path = readonly (string | number)[];

const NO_WEIGHT = -1;
const NONE: ReadonlyMap<string, number> = new Map();

/** Where in a row the numbers are, and which of them are means over time. Made once for each layout. */
export interface FoldPlan {
  readonly layout: RecordLayout;
  /** The slots of all numbers. */
  readonly numbers: Int32Array;
  /** The slots of those of which the mean counts. */
  readonly means: Int32Array;
  /** Of each mean, the slot of what it weighs by besides time, or -1. */
  readonly weightSlots: Int32Array;
  readonly numberPaths: readonly Path[];
  readonly meanPaths: readonly Path[];
}

const plans = new WeakMap<RecordLayout, FoldPlan>();

/** @param collector whose layout it is */
export function foldPlanOf(collector: string, layout: RecordLayout): FoldPlan {
  let plan = plans.get(layout);
  if (plan === undefined) {
    plan = new Planner(collector).plan(layout);
    plans.set(layout, plan);
  }
  return plan;
}

class Planner {
  readonly #collector: string;
  readonly #numbers: number[] = [];
  readonly #means: number[] = [];
  readonly #weightSlots: number[] = [];
  readonly #numberPaths: Path[] = [];
  readonly #meanPaths: Path[] = [];
  #slot = 0;

  constructor(collector: string) {
    this.#collector = collector;
  }

  plan(layout: RecordLayout): FoldPlan {
    this.#map(layout, []);
    return {
      layout,
      numbers: Int32Array.from(this.#numbers),
      means: Int32Array.from(this.#means),
      weightSlots: Int32Array.from(this.#weightSlots),
      numberPaths: this.#numberPaths,
      meanPaths: this.#meanPaths,
    };
  }

  #map({ keys, values }: RecordLayout, path: Path): void {
    const slots = new Map<string, number>();
    let next = this.#slot;
    for (const [index, value] of values.entries()) {
      if (value.kind === 'number') slots.set(keys[index]!, next);
      next += slotsOf(value);
    }
    for (const [index, key] of keys.entries()) this.#value(values[index]!, [...path, key], slots);
  }

  /** @param beside the slots of the numbers beside it */
  #value(layout: Layout, path: Path, beside: ReadonlyMap<string, number>): void {
    switch (layout.kind) {
      case 'number':
        this.#number(path, beside);
        break;
      case 'map':
        this.#map(layout, path);
        break;
      case 'list':
        for (const [index, item] of layout.items.entries()) this.#value(item, [...path, index], NONE);
        break;
      default:
        this.#slot += slotsOf(layout);
    }
  }

  #number(path: Path, beside: ReadonlyMap<string, number>): void {
    this.#numbers.push(this.#slot);
    this.#numberPaths.push(path);
    if (isMean(this.#collector, path)) {
      this.#means.push(this.#slot);
      this.#meanPaths.push(path);
      this.#weightSlots.push(beside.get(weightOf(this.#collector, path) ?? '') ?? NO_WEIGHT);
    }
    this.#slot++;
  }
}
