import { NS_PER_MS, NS_PER_SECOND } from '../base/units.ts';
import type { Condition, Watch } from '../model/incidents/watch.ts';
import type { Crossing } from './crossing.ts';

/** Hysteresis: a condition that was false for so long is over, so that one trouble is one incident. */
const OVER_AFTER_NS = 2 * NS_PER_SECOND;
const RISE_EVERY_NS = NS_PER_SECOND;

/** Whether a value lies beyond the threshold; never where there is none (NaN). */
export function holds({ comparison, threshold }: Condition, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
  }
}

/** One field under one watch: quiet, suspected while the condition has not held for long enough, or in an incident. */
export class WatchedField {
  readonly field: string;
  readonly #watch: Watch;
  readonly #tell: (crossing: Crossing) => void;
  #phase: 'quiet' | 'suspected' | 'incident' = 'quiet';
  #sinceNs = 0;
  #heldNs = 0;
  #peak = 0;
  #peakNs = 0;
  #toldNs = 0;
  #toldPeak = 0;

  constructor(watch: Watch, field: string, tell: (crossing: Crossing) => void) {
    this.#watch = watch;
    this.field = field;
    this.#tell = tell;
  }

  get isQuiet(): boolean {
    return this.#phase === 'quiet';
  }

  /**
   * The condition holds at a tick.
   *
   * @param beforeNs the tick of the reading before
   */
  held(value: number, tickNs: number, beforeNs: number): void {
    if (this.#phase === 'quiet') {
      this.#phase = 'suspected';
      this.#sinceNs = this.#watch.tellsOfInterval ? beforeNs : tickNs;
      this.#peak = Number.NaN;
    }
    this.#heldNs = tickNs;
    const isFurther = this.#watch.comparison.startsWith('<') ? value < this.#peak : value > this.#peak;
    if (isFurther || Number.isNaN(this.#peak)) {
      this.#peak = value;
      this.#peakNs = tickNs;
    }
    if (this.#phase === 'incident') this.#tellOfRise(tickNs);
    else if (tickNs - this.#sinceNs >= this.#watch.forMs * NS_PER_MS) this.#begin(tickNs);
    else if (this.#toldNs !== this.#sinceNs) {
      this.#toldNs = this.#sinceNs;
      this.#tell({ type: 'suspected', watch: this.#watch.name, field: this.field });
    }
  }

  /** The condition is known not to hold at a tick. */
  failed(tickNs: number): void {
    if (this.#phase === 'suspected') this.#phase = 'quiet';
    else this.passed(tickNs);
  }

  /** A tick has passed, whether or not anything was read of the field. */
  passed(tickNs: number): void {
    if (this.#phase !== 'quiet' && tickNs - this.#heldNs >= OVER_AFTER_NS) this.end();
  }

  /** Nobody looks any more. */
  end(): void {
    const wasIncident = this.#phase === 'incident';
    this.#phase = 'quiet';
    if (!wasIncident) return;
    this.#tell({
      type: 'ended',
      watch: this.#watch.name,
      field: this.field,
      untilNs: this.#heldNs,
      peak: this.#peak,
      peakNs: this.#peakNs,
    });
  }

  #begin(tickNs: number): void {
    this.#phase = 'incident';
    this.#toldNs = tickNs;
    this.#toldPeak = this.#peak;
    this.#tell({
      type: 'began',
      watch: this.#watch.name,
      field: this.field,
      sinceNs: this.#sinceNs,
      peak: this.#peak,
      peakNs: this.#peakNs,
    });
  }

  #tellOfRise(tickNs: number): void {
    if (this.#peak === this.#toldPeak || tickNs - this.#toldNs < RISE_EVERY_NS) return;
    this.#toldNs = tickNs;
    this.#toldPeak = this.#peak;
    this.#tell({
      type: 'rose',
      watch: this.#watch.name,
      field: this.field,
      peak: this.#peak,
      peakNs: this.#peakNs,
    });
  }
}
