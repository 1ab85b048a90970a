import { NS_PER_SECOND } from '../../src/base/units.ts';
import type { Group } from './group.ts';

/** How many groups a second have their dearer files read: about ten files each. */
const TURNS_PER_SECOND = 10;
/** Turns are given so many at a time: code that has not run for a while costs as much as a turn. */
const TOGETHER = 5;
/** The first turns of groups that have just been found are given ahead, so many a tick at most. */
const MOST_A_TICK = 64;
/** One of the busiest is read again after this; every other turn is theirs. */
const BUSIEST_AGAIN_NS = NS_PER_SECOND;

/**
 * Whose dearer files are read next. What they cost is bounded by the number of turns a second, however many groups
 * there are: every other turn goes to the busiest that has not been read for a second, the others go round.
 */
export class Turns {
  #groups: readonly Group[] = [];
  #next = 0;
  #due = 0;
  #isBusiests = false;
  #givenNs = Number.NaN;

  /** How long it takes at most until a group's turn comes again; undefined while all are read at once. */
  roundMs(intervalNs: number): number | undefined {
    const ms = (2 * this.#groups.length * 1_000) / TURNS_PER_SECOND;
    return ms * 1e6 <= intervalNs ? undefined : ms;
  }

  /** The groups there are, when they have changed. */
  follow(groups: readonly Group[]): void {
    this.#groups = groups;
    if (this.#next >= groups.length) this.#next = 0;
  }

  /** @param now for the readings, each of which is at its own time */
  give(nowNs: number, now: () => number): void {
    const elapsedNs = Number.isNaN(this.#givenNs) ? 0 : Math.max(0, nowNs - this.#givenNs);
    this.#givenNs = nowNs;
    // After a pause all have their turn once at most.
    this.#due = Math.min(MOST_A_TICK, this.#due + (elapsedNs * TURNS_PER_SECOND) / NS_PER_SECOND);
    const left = MOST_A_TICK - this.#giveFirst(nowNs, now);
    if (this.#due < TOGETHER) return;
    for (let given = 0; given < left && this.#due >= 1; given++) {
      this.#due--;
      this.#isBusiests = !this.#isBusiests;
      const group = (this.#isBusiests ? this.#busiest(nowNs) : undefined) ?? this.#nextInTurn(nowNs);
      if (group === undefined) return;
      group.takeTurn(nowNs, now());
    }
  }

  reset(): void {
    this.#givenNs = Number.NaN;
    this.#due = 0;
  }

  #giveFirst(nowNs: number, now: () => number): number {
    let given = 0;
    for (const group of this.#groups) {
      if (given === MOST_A_TICK) break;
      if (!group.needsFirstTurns) continue;
      group.takeTurn(nowNs, now());
      given++;
    }
    return given;
  }

  #busiest(nowNs: number): Group | undefined {
    let busiest: Group | undefined;
    for (const group of this.#groups) {
      if (nowNs - group.turnNs < BUSIEST_AGAIN_NS || group.busyPercent <= (busiest?.busyPercent ?? 0))
        continue;
      busiest = group;
    }
    return busiest;
  }

  /** Undefined when all have had their turn in this tick. */
  #nextInTurn(nowNs: number): Group | undefined {
    const group = this.#groups[this.#next];
    if (group === undefined || group.turnNs === nowNs) return undefined;
    this.#next = (this.#next + 1) % this.#groups.length;
    return group;
  }
}
