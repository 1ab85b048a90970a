import { NS_PER_MS, NS_PER_SECOND, NS_PER_US } from '../../src/base/units.ts';
import { percentOf } from '../base/rates.ts';
import { Growth } from './growth.ts';
import type { GroupContext } from './reader.ts';

/** Places in a reading of CPU time, in microseconds. */
export const USAGE = 0;
export const USER = 1;
export const SYSTEM = 2;
/** Places in a reading of the quota. */
export const PERIODS = 0;
export const THROTTLED = 1;
export const THROTTLED_US = 2;

const US_PER_SECOND = NS_PER_SECOND / NS_PER_US;
/**
 * How far CPU time may run ahead of the clock, as a share and for each core: a running task's is brought up to date
 * at the scheduler's ticks only, and at once where the core has none.
 */
const TOLERANCE_SHARE = 0.1;
const TOLERANCE_NS = 20 * NS_PER_MS;
/** Two and a half of the usual periods: where none has ended for so long, none is enforced. */
const PERIOD_HOLDS_NS = 250 * NS_PER_MS;

/** CPU time of a group as shares of one core, held to what the cores can have given. */
export class CpuRates {
  /** To be filled before {@link publish}; NaN for what is not read. */
  readonly reading = new Float64Array(3).fill(Number.NaN);
  readonly #growth = new Growth(3);
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  publish(nowNs: number): void {
    const { data } = this.#context;
    const { reading } = this;
    this.#growth.advance(reading, nowNs);
    data.cpu_seconds = reading[USAGE]! / US_PER_SECOND;
    data.cpu_percent = this.#percent(USAGE);
    if (Number.isNaN(reading[USER]!)) return;
    data.user_seconds = reading[USER]! / US_PER_SECOND;
    data.system_seconds = reading[SYSTEM]! / US_PER_SECOND;
    data.user_percent = this.#percent(USER);
    data.system_percent = this.#percent(SYSTEM);
  }

  /** Whether not even a microsecond was used between the latest two readings. */
  get isStill(): boolean {
    return this.#growth.deltas[USAGE] === 0;
  }

  /** What was told of the time before holds for this time, too: it used nothing. */
  stand(nowNs: number): void {
    this.#growth.stand(nowNs);
  }

  forget(): void {
    this.#growth.forget();
  }

  /** Nothing is known at the moment of what it told. */
  blank(): void {
    const { data } = this.#context;
    data.cpu_seconds = undefined;
    data.cpu_percent = undefined;
    if (!Number.isNaN(this.reading[USER]!)) {
      data.user_seconds = undefined;
      data.system_seconds = undefined;
      data.user_percent = undefined;
      data.system_percent = undefined;
    }
    this.forget();
  }

  #percent(column: number): number | undefined {
    const { deltas, elapsedNs } = this.#growth;
    return shareOfCore(deltas[column]!, elapsedNs, this.#context);
  }
}

/** CPU time as a share of one core; undefined where it is not known, or more than the cores can have given. */
export function shareOfCore(us: number, elapsedNs: number, context: GroupContext): number | undefined {
  if (Number.isNaN(us)) return undefined;
  const { cores, doubts, name } = context;
  const usedNs = us * NS_PER_US;
  const mostNs = elapsedNs * cores;
  if (usedNs <= mostNs) return (100 * usedNs) / elapsedNs;
  if (usedNs <= mostNs * (1 + TOLERANCE_SHARE) + TOLERANCE_NS * cores) return 100 * cores;
  const [used, elapsed] = [usedNs, elapsedNs].map((ns) => `${Math.round(ns / NS_PER_MS)}ms`);
  const message = `CPU time of ${name} grew by ${used} within ${elapsed}, which ${cores} cores cannot have given; that is left out`;
  doubts.tell('cpu_percent', 'cpu.stat, cpuacct.usage', message);
  return undefined;
}

/** How often a group used up its quota and was stopped. */
export class Throttling {
  /** To be filled before {@link publish}; NaN where no quota is accounted. */
  readonly reading = new Float64Array(3).fill(Number.NaN);
  readonly #growth = new Growth(3);
  readonly #context: GroupContext;
  /** When a period was last seen to have ended. */
  #endedNs = Number.NEGATIVE_INFINITY;
  /** Whether it is these figures that stand in the data: on hybrid hosts there is another file that may tell them. */
  isTold = false;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** Whether any period was ever enforced. */
  get isEnforced(): boolean {
    return this.reading[PERIODS]! > 0;
  }

  publish(nowNs: number): void {
    const { data } = this.#context;
    const { reading } = this;
    this.#growth.advance(reading, nowNs);
    if (Number.isNaN(reading[PERIODS]!)) {
      if (this.isTold) this.blank();
      return;
    }
    this.isTold = true;
    data.quota_periods = reading[PERIODS]!;
    data.throttled_periods = reading[THROTTLED]!;
    data.throttled_seconds = reading[THROTTLED_US]! / US_PER_SECOND;
    const periods = this.#growth.deltas[PERIODS]!;
    if (periods > 0) {
      this.#endedNs = nowNs;
      data.throttled_percent = percentOf(this.#growth.deltas[THROTTLED]!, periods);
    } else if (Number.isNaN(periods)) data.throttled_percent = undefined;
    // Between the ends of two periods the latest tells; 0 would say that nothing is held back.
    else if (nowNs - this.#endedNs > PERIOD_HOLDS_NS) data.throttled_percent = 0;
    else data.throttled_percent ??= 0;
  }

  forget(): void {
    this.#growth.forget();
    this.#endedNs = Number.NEGATIVE_INFINITY;
  }
  /** Nothing is known at the moment of what it told. */
  blank(): void {
    const { data } = this.#context;
    this.isTold = false;
    data.quota_periods = undefined;
    data.throttled_periods = undefined;
    data.throttled_seconds = undefined;
    data.throttled_percent = undefined;
    this.forget();
  }
}
