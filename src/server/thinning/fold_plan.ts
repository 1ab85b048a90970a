import type { FieldPath } from '../../model/field_at.ts';
import { flatten } from '../../records/flatten.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { isMean, weightOf } from './averaging.ts';

const NO_WEIGHT = -1;

/** Where in a row the numbers are, and which of them are means over time. Made once for each layout. */
export interface FoldPlan {
  readonly layout: RecordLayout;
  /** The slots of all numbers. */
  readonly numbers: Int32Array;
  /** The slots of those of which the mean counts. */
  readonly means: Int32Array;
  /** Of each mean, the slot of what it weighs by besides time, or -1. */
  readonly weightSlots: Int32Array;
  readonly numberPaths: readonly FieldPath[];
  readonly meanPaths: readonly FieldPath[];
}

const plans = new WeakMap<RecordLayout, FoldPlan>();

/** @param collector whose layout it is */
export function foldPlanOf(collector: string, layout: RecordLayout): FoldPlan {
  let plan = plans.get(layout);
  if (plan === undefined) {
    plan = makePlan(collector, layout);
    plans.set(layout, plan);
  }
  return plan;
}

function makePlan(collector: string, layout: RecordLayout): FoldPlan {
  const numbers = flatten(layout).values.filter(({ kind }) => kind === 'number');
  const slots = new Map(numbers.map(({ path, slot }) => [keyOf(path), slot]));
  const means = numbers.filter(({ path }) => isMean(collector, path));
  const weightSlots = means.map(({ path }) => {
    const weight = weightOf(collector, path);
    if (weight === undefined) return NO_WEIGHT;
    return slots.get(keyOf([...path.slice(0, -1), weight])) ?? NO_WEIGHT;
  });
  return {
    layout,
    numbers: Int32Array.from(numbers, ({ slot }) => slot),
    means: Int32Array.from(means, ({ slot }) => slot),
    weightSlots: Int32Array.from(weightSlots),
    numberPaths: numbers.map(({ path }) => path),
    meanPaths: means.map(({ path }) => path),
  };
}

/** A path as the key of a map. */
export function keyOf(path: FieldPath): string {
  return JSON.stringify(path);
}
