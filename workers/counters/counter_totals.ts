import type { CounterGroup } from './counter_group.ts';

/**
 * Sums over the members of a changing set: where they stood in the first sample, and since then what each of them
 * grew by. The sums never go down; what a member counted before it was first seen, or between the last sample and
 * a reset, is not in them.
 */
export class CounterTotals {
  readonly values: Float64Array;
  /** What the sums grew by in this sample, as far as is known. */
  readonly deltas: Float64Array;
  #begun = false;
  #members = 0;
  #knownMembers = 0;

  constructor(counters: number) {
    this.values = new Float64Array(counters);
    this.deltas = new Float64Array(counters);
  }

  /** Whether growth is known of any member, or there is none that could grow. */
  get known(): boolean {
    return this.#begun && (this.#knownMembers > 0 || this.#members === 0);
  }

  beginSample(): void {
    this.#members = 0;
    this.#knownMembers = 0;
    this.deltas.fill(0);
  }

  /** @param told what to take for its growth in this sample, where that is not what was counted in it */
  add(member: CounterGroup, told: Float64Array = member.deltas): void {
    const { values, deltas } = this;
    this.#members++;
    if (member.known) this.#knownMembers++;
    const growth = this.#begun ? member.deltas : member.values;
    for (let i = 0; i < values.length; i++) {
      values[i]! += growth[i]!;
      deltas[i]! += told[i]!;
    }
  }

  endSample(): void {
    this.#begun = true;
  }
}
