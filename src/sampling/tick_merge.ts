import type { TickResult } from '../handover/messages.ts';

/** What the collectors answered for one tick. */
export interface MergedTick {
  readonly tick: number;
  readonly results: ReadonlyMap<string, TickResult>;
}

/**
 * Puts the answers of all collectors together by tick.
 *
 * Each collector answers its ticks in order, so an answer for one tick also says that no earlier one will come.
 * A tick is complete when that holds for everybody; it is given up when anybody has answered a tick of a later
 * delivery, that is, once the next tick (or, in batches, the next batch) has begun.
 */
export class TickMerge {
  readonly #answeredThrough = new Map<string, number>();
  #pending = new Map<number, Map<string, TickResult>>();
  #ticksPerDelivery: number;
  #emittedThrough = -1;
  #latestTick = -1;

  constructor(ticksPerDelivery: number) {
    this.#ticksPerDelivery = ticksPerDelivery;
  }

  /** Begins anew, with other ticks. */
  restart(ticksPerDelivery: number): void {
    this.#ticksPerDelivery = ticksPerDelivery;
    this.#pending.clear();
    this.#emittedThrough = -1;
    this.#latestTick = -1;
    for (const name of this.#answeredThrough.keys()) this.#answeredThrough.set(name, -1);
  }

  /** From now on ticks wait for this collector. */
  expect(name: string): void {
    if (!this.#answeredThrough.has(name)) this.#answeredThrough.set(name, -1);
  }

  /** Ticks no longer wait for this collector. */
  excuse(name: string): void {
    this.#answeredThrough.delete(name);
  }

  /** How many collectors ticks wait for. */
  get expected(): number {
    return this.#answeredThrough.size;
  }

  add(name: string, results: readonly TickResult[]): void {
    for (const result of results) {
      const { tick } = result;
      if (this.#answeredThrough.has(name)) this.#answeredThrough.set(name, tick);
      if (tick > this.#latestTick) this.#latestTick = tick;
      // Its snapshot has gone out without it, and said so.
      if (tick <= this.#emittedThrough) continue;
      let answers = this.#pending.get(tick);
      if (answers === undefined) {
        answers = new Map();
        this.#pending.set(tick, answers);
      }
      answers.set(name, result);
    }
  }

  /** The ticks that are complete or given up, oldest first; each is returned once. */
  take(): MergedTick[] {
    let through = Math.floor(this.#latestTick / this.#ticksPerDelivery) * this.#ticksPerDelivery - 1;
    let answeredByAll = this.#latestTick;
    for (const answered of this.#answeredThrough.values()) answeredByAll = Math.min(answeredByAll, answered);
    through = Math.max(through, answeredByAll);
    if (through <= this.#emittedThrough) return [];
    const ready: MergedTick[] = [];
    for (const [tick, results] of this.#pending) if (tick <= through) ready.push({ tick, results });
    for (const { tick } of ready) this.#pending.delete(tick);
    this.#emittedThrough = through;
    return ready.length > 1 ? ready.sort((a, b) => a.tick - b.tick) : ready;
  }

  /** Gives up whatever waits for an answer, through this tick. */
  giveUp(tick: number): MergedTick[] {
    if (tick > this.#latestTick) this.#latestTick = tick;
    const ready: MergedTick[] = [];
    for (const [pending, results] of this.#pending)
      if (pending <= tick) ready.push({ tick: pending, results });
    if (!ready.some((merged) => merged.tick === tick) && tick > this.#emittedThrough) {
      ready.push({ tick, results: new Map() });
    }
    for (const merged of ready) this.#pending.delete(merged.tick);
    this.#emittedThrough = Math.max(this.#emittedThrough, tick);
    return ready.sort((a, b) => a.tick - b.tick);
  }
}
