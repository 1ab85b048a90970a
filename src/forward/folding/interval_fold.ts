import { US_PER_MS } from '../../base/units.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { inRatio } from '../../series/base_unit.ts';
import type { Measure } from '../../series/measured_family.ts';
import type { SampleBatch } from '../encoding/sample_batch.ts';
import type { SeriesRegistry } from '../encoding/series_registry.ts';
import type { SnapshotSource } from '../reading/snapshot_source.ts';
import type { ChosenFields } from './chosen_fields.ts';
import { type Numbers, type PlannedNumber, SeriesTargets } from './compiled_plan.ts';
import { rounded } from './rounding.ts';
import { isPlanOf, planSeries, type SeriesPlan } from './series_plan.ts';
import { addWorded } from './worded_series.ts';

interface KnownPlan {
  readonly plan: SeriesPlan;
  readonly numbers: Numbers;
}

/** The snapshot read last, of which an interval has the latest numbers. */
interface Reading {
  readonly unixUs: number;
  readonly sequence: number;
  readonly layout: RecordLayout;
  readonly row: Float64Array;
}

/**
 * Makes samples of snapshots: of chosen fields each, of counters the latest of every interval, of all others the
 * smallest, the mean and the largest. Intervals are multiples of their length since 1970, whoever counts them; what
 * one is folded to bears the time of its end and depends on the snapshots in it alone, so that it is the same again
 * whenever it is made again.
 */
export class IntervalFold {
  readonly #intervalMs: number;
  readonly #series: SeriesRegistry;
  readonly #targets: SeriesTargets;
  readonly #plans = new WeakMap<RecordLayout, KnownPlan[]>();
  /** Number of the interval under way; none before the first snapshot. */
  #interval = Number.NaN;
  #latest: Reading | undefined;
  /** By number that has extremes. */
  #minima = new Float64Array();
  #maxima = new Float64Array();
  #sums = new Float64Array();
  #counts = new Int32Array();
  /** By series: its latest number, where it has one in this interval, and when that was read. */
  readonly #points = new Map<number, { value: number; unixMs: number }>();

  constructor(intervalMs: number, series: SeriesRegistry, chosen: ChosenFields) {
    this.#intervalMs = intervalMs;
    this.#series = series;
    this.#targets = new SeriesTargets(series, chosen);
  }

  /** Takes the latest snapshot of a source; whether an interval begins with it, and what came before is complete. */
  add(source: SnapshotSource, batch: SampleBatch): boolean {
    const unixMs = Math.floor(source.unixUs / US_PER_MS);
    const interval = Math.floor(unixMs / this.#intervalMs);
    const begins = interval !== this.#interval;
    if (begins) this.#finish(batch);
    this.#interval = interval;
    const { unixUs, sequence, layout, row } = source;
    this.#latest = { unixUs, sequence, layout, row };
    const { every, latest, extremes } = this.#numbersOf(layout, row);
    if (every.length > 0) {
      batch.at(unixMs);
      for (const number of every) {
        const value = numberIn(row, number);
        if (isNumber(value)) batch.add(number.target, toldAs(value, number.measure));
      }
    }
    for (const number of latest) {
      const value = numberIn(row, number);
      if (isNumber(value)) this.#keep(number.target, toldAs(value, number.measure), unixMs);
    }
    for (const number of extremes) {
      const value = numberIn(row, number);
      if (isNumber(value)) this.#fold(number.target, value);
    }
    return begins;
  }

  /** Forgets the interval under way: what comes next begins one, at its beginning. */
  restart(): void {
    this.#interval = Number.NaN;
    this.#latest = undefined;
    this.#counts.fill(0);
    this.#points.clear();
  }

  #finish(batch: SampleBatch): void {
    const latest = this.#latest;
    if (latest === undefined) return;
    for (const [series, { value, unixMs }] of this.#points) {
      batch.at(unixMs);
      batch.add(series, value);
    }
    this.#points.clear();
    batch.at(Math.floor(latest.unixUs / US_PER_MS));
    addWorded(latest, this.#series, batch);
    batch.at((this.#interval + 1) * this.#intervalMs);
    const { extremes } = this.#targets;
    for (let place = 0; place < extremes.length; place++) {
      const count = this.#counts[place] ?? 0;
      if (count === 0) continue;
      this.#counts[place] = 0;
      const { minimum, mean, maximum, measure } = extremes[place]!;
      batch.add(minimum, toldAs(this.#minima[place]!, measure));
      batch.add(mean, toldAs(this.#sums[place]! / count, measure));
      batch.add(maximum, toldAs(this.#maxima[place]!, measure));
    }
  }

  #keep(series: number, value: number, unixMs: number): void {
    const point = this.#points.get(series);
    if (point === undefined) this.#points.set(series, { value, unixMs });
    else {
      point.value = value;
      point.unixMs = unixMs;
    }
  }

  #fold(place: number, value: number): void {
    if (this.#counts[place]! > 0) {
      if (value < this.#minima[place]!) this.#minima[place] = value;
      if (value > this.#maxima[place]!) this.#maxima[place] = value;
      this.#sums[place]! += value;
      this.#counts[place]!++;
    } else {
      this.#minima[place] = value;
      this.#maxima[place] = value;
      this.#sums[place] = value;
      this.#counts[place] = 1;
    }
  }

  #numbersOf(layout: RecordLayout, row: Float64Array): Numbers {
    let known = this.#plans.get(layout);
    if (known === undefined) {
      known = [];
      this.#plans.set(layout, known);
    }
    let found = known.find(({ plan }) => isPlanOf(plan, row));
    if (found === undefined) {
      const plan = planSeries(layout, row);
      found = { plan, numbers: this.#targets.numbersOf(plan) };
      known.push(found);
      this.#makeRoom();
    }
    return found.numbers;
  }

  #makeRoom(): void {
    const places = this.#targets.extremes.length;
    if (places <= this.#counts.length) return;
    const larger = <A extends Float64Array | Int32Array>(before: A, after: A): A => {
      after.set(before);
      return after;
    };
    this.#minima = larger(this.#minima, new Float64Array(2 * places));
    this.#maxima = larger(this.#maxima, new Float64Array(2 * places));
    this.#sums = larger(this.#sums, new Float64Array(2 * places));
    this.#counts = larger(this.#counts, new Int32Array(2 * places));
  }
}

/** What is read, over what it is divided by; what is null is not-a-number. */
function numberIn(row: Float64Array, { slot, per }: PlannedNumber): number {
  if (per < 0) return row[slot]!;
  return row[per]! > 0 ? row[slot]! / row[per]! : Number.NaN;
}

/** To an engine, not-a-number is a measurement, and the infinite has no place on a chart. */
function isNumber(value: number): boolean {
  return value - value === 0;
}

function toldAs(value: number, { ratio, decimals }: Measure): number {
  return rounded(inRatio(value, ratio), decimals);
}
