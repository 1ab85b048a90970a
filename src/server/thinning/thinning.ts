import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import { IntervalFold } from './interval_fold.ts';
import { endsInterval, TickReader } from './tick.ts';

/** Makes one snapshot of several for one client by itself, such as one that catches up. */
export class Thinning {
  readonly #intervalMs: number;
  /** What there is of the interval under way. */
  readonly fold: IntervalFold;
  readonly #reader = new TickReader();

  /**
   * @param intervalMs of the client; 0 for every snapshot as it is
   * @param withExtremes adds the smallest and the largest value of every number
   */
  constructor(intervalMs: number, withExtremes = false) {
    this.#intervalMs = intervalMs;
    this.fold = new IntervalFold(intervalMs, withExtremes);
  }

  /** Takes the next snapshot; returns what it completes, which is seldom more than one thinned snapshot. */
  add(snapshot: EncodedSnapshot): EncodedSnapshot[] {
    if (this.#intervalMs === 0) return [snapshot];
    const tick = this.#reader.read(snapshot);
    const completed: EncodedSnapshot[] = [];
    if (this.fold.isOverAt(tick)) this.#complete(completed);
    if (this.#intervalMs <= tick.intervalMs) return [...completed, snapshot];
    this.fold.add(tick);
    if (endsInterval(tick, this.#intervalMs)) this.#complete(completed);
    return completed;
  }

  #complete(completed: EncodedSnapshot[]): void {
    const snapshot = this.fold.snapshot();
    if (snapshot !== undefined) completed.push(snapshot);
    this.fold.clear();
  }
}
