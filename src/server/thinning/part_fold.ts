import type { FieldPath } from '../../model/field_at.ts';
import type { PackedRecord } from '../../records/layout.ts';
import { Packer } from '../../records/packer.ts';
import { type FoldPlan, foldPlanOf, keyOf } from './fold_plan.ts';

/** What one collector delivered within an interval: sums for the means, and the extremes where somebody wants them. */
export class PartFold {
  readonly #collector: string;
  readonly #withExtremes: boolean;
  #plan: FoldPlan | undefined;
  #sums = new Float64Array();
  #weights = new Float64Array();
  #minima = new Float64Array();
  #maxima = new Float64Array();
  /** What was there earlier in the interval, under another layout, and may come again; by path. */
  #elsewhere = new Map<string, Series>();
  readonly #packers = { minimum: new Packer(), maximum: new Packer() };
  #isEmpty = true;

  constructor(collector: string, withExtremes: boolean) {
    this.#collector = collector;
    this.#withExtremes = withExtremes;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Takes in what was delivered for so long. */
  add({ layout, row }: PackedRecord, elapsedMs: number): void {
    this.#isEmpty = false;
    if (this.#plan?.layout !== layout) this.#turnTo(foldPlanOf(this.#collector, layout));
    const { means, weightSlots, numbers } = this.#plan!;
    const sums = this.#sums;
    const weights = this.#weights;
    for (let i = 0; i < means.length; i++) {
      const value = row[means[i]!]!;
      const weightSlot = weightSlots[i]!;
      const weight = weightSlot < 0 ? elapsedMs : elapsedMs * row[weightSlot]!;
      // NaN is what is not known; it is in neither.
      const product = value * weight;
      if (!Number.isNaN(product)) {
        sums[i]! += product;
        weights[i]! += weight;
      }
    }
    if (!this.#withExtremes) return;
    for (let i = 0; i < numbers.length; i++) this.#stretch(i, row[numbers[i]!]!, row[numbers[i]!]!);
  }

  /** Takes in all of an interval that lies within this one. */
  merge(other: PartFold): void {
    const plan = other.#plan;
    if (other.#isEmpty || plan === undefined) return;
    this.#isEmpty = false;
    for (const [path, series] of other.#elsewhere) this.#keep(path, series);
    if (this.#plan?.layout !== plan.layout) this.#turnTo(plan);
    for (let i = 0; i < plan.means.length; i++) {
      this.#sums[i]! += other.#sums[i]!;
      this.#weights[i]! += other.#weights[i]!;
    }
    if (!this.#withExtremes) return;
    for (let i = 0; i < plan.numbers.length; i++) this.#stretch(i, other.#minima[i]!, other.#maxima[i]!);
  }

  /** The data of the end of the interval with means where there are any. */
  meanOf(last: PackedRecord): PackedRecord {
    const plan = this.#plan;
    if (this.#isEmpty || plan?.layout !== last.layout) return last;
    const row = last.row.slice();
    for (let i = 0; i < plan.means.length; i++) {
      const slot = plan.means[i]!;
      const weight = this.#weights[i]!;
      // A mean over requests is known when there were any, also where the last moment had none.
      const isKnown = plan.weightSlots[i]! >= 0 || !Number.isNaN(row[slot]!);
      if (weight > 0 && isKnown) row[slot] = this.#sums[i]! / weight;
    }
    return { layout: last.layout, row };
  }

  /** The smallest or the largest value of every number there was, in the shape of the data. */
  extreme(which: 'minimum' | 'maximum'): PackedRecord {
    const shape = new Shape();
    const plan = this.#plan;
    const values = which === 'minimum' ? this.#minima : this.#maxima;
    if (plan !== undefined) {
      for (const [index, path] of plan.numberPaths.entries()) shape.set(path, values[index]!);
    }
    for (const series of this.#elsewhere.values()) shape.set(series.path, series[which]);
    return this.#packers[which].pack(shape.root);
  }

  clear(): void {
    this.#isEmpty = true;
    this.#sums.fill(0);
    this.#weights.fill(0);
    this.#minima.fill(Number.NaN);
    this.#maxima.fill(Number.NaN);
    this.#elsewhere = new Map();
  }

  #stretch(index: number, low: number, high: number): void {
    // What is not known is neither less nor more, and less and more than nothing is everything.
    if (Number.isNaN(low)) return;
    if (!(this.#minima[index]! <= low)) this.#minima[index] = low;
    if (!(this.#maxima[index]! >= high)) this.#maxima[index] = high;
  }

  /** The data has another shape from now on: what both shapes have goes on, the rest is kept aside. */
  #turnTo(plan: FoldPlan): void {
    this.#putAside();
    this.#plan = plan;
    this.#sums = new Float64Array(plan.means.length);
    this.#weights = new Float64Array(plan.means.length);
    const extremes = this.#withExtremes ? plan.numbers.length : 0;
    this.#minima = new Float64Array(extremes).fill(Number.NaN);
    this.#maxima = new Float64Array(extremes).fill(Number.NaN);
    if (this.#elsewhere.size === 0) return;
    const means = indicesOf(plan.meanPaths);
    const numbers = this.#withExtremes ? indicesOf(plan.numberPaths) : new Map<string, number>();
    for (const [path, { sum, weight, minimum, maximum }] of this.#elsewhere) {
      const mean = means.get(path);
      const number = numbers.get(path);
      if (mean !== undefined) {
        this.#sums[mean] = sum;
        this.#weights[mean] = weight;
      }
      if (number !== undefined) this.#stretch(number, minimum, maximum);
      if (mean !== undefined || number !== undefined) this.#elsewhere.delete(path);
    }
  }

  #putAside(): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    for (const [index, path] of plan.meanPaths.entries()) {
      if (this.#weights[index]! > 0)
        this.#keep(keyOf(path), { ...NOTHING, path, sum: this.#sums[index]!, weight: this.#weights[index]! });
    }
    for (const [index, path] of this.#withExtremes ? plan.numberPaths.entries() : []) {
      const minimum = this.#minima[index]!;
      if (!Number.isNaN(minimum))
        this.#keep(keyOf(path), { ...NOTHING, path, minimum, maximum: this.#maxima[index]! });
    }
  }

  #keep(path: string, series: Series): void {
    const kept = this.#elsewhere.get(path);
    this.#elsewhere.set(path, kept === undefined ? series : together(kept, series));
  }
}

interface Series {
  readonly path: FieldPath;
  readonly sum: number;
  readonly weight: number;
  readonly minimum: number;
  readonly maximum: number;
}

const NOTHING = { sum: 0, weight: 0, minimum: Number.NaN, maximum: Number.NaN };

function together(one: Series, other: Series): Series {
  return {
    path: one.path,
    sum: one.sum + other.sum,
    weight: one.weight + other.weight,
    minimum: one.minimum <= other.minimum || Number.isNaN(other.minimum) ? one.minimum : other.minimum,
    maximum: one.maximum >= other.maximum || Number.isNaN(other.maximum) ? one.maximum : other.maximum,
  };
}

function indicesOf(paths: readonly FieldPath[]): Map<string, number> {
  return new Map(paths.map((path, index) => [keyOf(path), index]));
}

/** An object made of paths: a number that was never known is left out, in a list it is null. */
class Shape {
  readonly root: Record<string, unknown> = {};

  set(path: FieldPath, value: number): void {
    let at: Record<string, unknown> | unknown[] = this.root;
    for (const [depth, step] of path.entries()) {
      const next = path[depth + 1];
      const isNothing = next === undefined && Number.isNaN(value);
      if (isNothing && typeof step === 'string') return;
      if (next === undefined) put(at, step, isNothing ? null : value);
      else {
        const known: unknown = get(at, step);
        const made: Record<string, unknown> | unknown[] = typeof next === 'number' ? [] : {};
        if (!isContainer(known)) put(at, step, made);
        at = isContainer(known) ? known : made;
      }
    }
  }
}

function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
  return typeof value === 'object' && value !== null;
}

function get(from: object, step: string | number): unknown {
  return Object.hasOwn(from, step) ? Reflect.get(from, step) : undefined;
}

/** Assigned, `__proto__` would be swallowed: an interface or a device may be called anything. */
function put(into: object, step: string | number, value: unknown): void {
  Object.defineProperty(into, step, { value, enumerable: true, configurable: true, writable: true });
}
