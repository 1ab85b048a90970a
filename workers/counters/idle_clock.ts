/** A counter of idle time drifts against another by the work around each wake-up: a few tenths of a percent. */
const RESIDENCY_DRIFT = 0.002;
/** Interrupts outside of any task, in parts of the time elapsed, that a clock of busy time does not see. */
const BUSY_DRIFT = 0.005;
/** A clock of busy time that is kept at every tick of the kernel is behind by one tick at most (HZ=100). */
const LONGEST_TICK_US = 10_000;
/** Counters further apart than this do not tell of the same time any more. */
const SLACK_US = 40_000;

/** What is known of a core at one moment, all in microseconds; not-a-number where the host has no such source. */
export interface IdleReading {
  /** When it was read, on the monotonic clock. */
  nowUs: number;
  /** Idle time (iowait included) from /proc/stat: everything up to now, cut down to whole steps. */
  statUs: number;
  /** The size of those steps. */
  stepUs: number;
  /** Sum of cpuidle's residencies: exact, without the idle period still in progress. Unused beside `busyUs`. */
  residencyUs: number;
  /** Time the core has run tasks: exact, without what the task now running has used since it was last looked at. */
  busyUs: number;
  /** How likely it is that the core is idle at this moment, from 0 to 1, going by all cores together. */
  idleChance: number;
  /** Whether `busyUs` is brought up to date at every kernel tick, and not just when a task leaves the core. */
  busyTicks: boolean;
}

/**
 * How long one core has been idle, from sources that each know it in part.
 *
 * The kernel's idle column has everything, in steps of 10 ms (kernel/time/tick-sched.c adds the period in progress).
 * Residency is exact to the microsecond but only moves when the core wakes up, so it is right while the core is
 * busy; time run is right while the core is idle. The one there is is tied to the idle column by an offset that the
 * column's 10 ms window confines, and what it says is kept within that window: no source can lead further astray than
 * one step, and whatever was estimated wrong in one interval is made good in the next.
 */
export class IdleClock {
  /** How much longer it has been idle than at the reading before; meaningless unless `known`. */
  growthUs = 0;
  /** What passed between the two readings. */
  elapsedUs = 0;
  /** Whether there is a reading before that this one can be compared with. */
  known = false;
  #nowUs = Number.NaN;
  #idleUs = Number.NaN;
  #residencyUs = Number.NaN;
  #residencyOffsetUs = Number.NaN;
  #busyOffsetUs = Number.NaN;
  /** Whether the core was in an idle period at the reading before. */
  #idling = false;

  /** Takes the next reading for the first. */
  forget(): void {
    this.#nowUs = Number.NaN;
    this.known = false;
  }

  advance(reading: IdleReading): void {
    const { nowUs, statUs, stepUs } = reading;
    const endUs = statUs + stepUs;
    const previousUs = this.#idleUs;
    const elapsedUs = nowUs - this.#nowUs;
    // Not so, too, when there is no reading before: then nothing compares.
    const follows =
      elapsedUs > 0 && previousUs <= endUs + SLACK_US && previousUs + elapsedUs >= statUs - SLACK_US;
    if (!follows) this.#begin(reading);
    let idleUs = Math.min(Math.max(this.#estimate(reading, elapsedUs), statUs), endUs);
    if (follows) {
      idleUs = Math.min(Math.max(idleUs, previousUs), previousUs + elapsedUs);
      this.growthUs = idleUs - previousUs;
      this.elapsedUs = elapsedUs;
    }
    this.known = follows;
    this.#idleUs = idleUs;
    this.#nowUs = nowUs;
  }

  #begin({ nowUs, statUs, stepUs, residencyUs, busyUs }: IdleReading): void {
    const middleUs = statUs + stepUs / 2;
    this.#residencyUs = residencyUs;
    this.#residencyOffsetUs = middleUs - residencyUs;
    this.#busyOffsetUs = middleUs - (nowUs - busyUs);
    this.#idleUs = middleUs;
    this.#idling = false;
  }

  #estimate(reading: IdleReading, elapsedUs: number): number {
    const { statUs, stepUs, residencyUs } = reading;
    if (!Number.isNaN(reading.busyUs)) return this.#byBusyTime(reading, elapsedUs);
    if (Number.isNaN(residencyUs)) return statUs + stepUs / 2;
    const wokeUp = residencyUs !== this.#residencyUs;
    const untilWokenUs = this.#byResidency(reading);
    const missingUs = statUs - untilWokenUs;
    const stillIdling = this.#idling && !wokeUp;
    this.#idling = stillIdling || missingUs > 0;
    // The same idle period as before has grown by all the time that passed.
    if (stillIdling) return this.#idleUs + elapsedUs;
    // Little is missing when the offset is a little off, much when the core has been idle for a while.
    if (this.#idling) return statUs + Math.min(stepUs / 2, missingUs);
    // Busy, or idle for less than a step.
    return untilWokenUs + (reading.idleChance * (stepUs + missingUs)) / 2;
  }

  /** Idle time up to when the core last woke up. */
  #byResidency({ statUs, stepUs, residencyUs }: IdleReading): number {
    const growthUs = residencyUs - this.#residencyUs;
    this.#residencyUs = residencyUs;
    const highestUs = statUs + stepUs - residencyUs;
    const offsetUs = this.#residencyOffsetUs + Math.max(0, growthUs) * RESIDENCY_DRIFT;
    // A residency that fell, or was not there before, is another counter.
    this.#residencyOffsetUs = growthUs >= 0 ? Math.min(offsetUs, highestUs) : highestUs - stepUs / 2;
    return residencyUs + this.#residencyOffsetUs;
  }

  /** Idle time if the core is idle now; too much if it is busy. */
  #byBusyTime({ nowUs, statUs, stepUs, busyUs, busyTicks }: IdleReading, elapsedUs: number): number {
    if (Number.isNaN(busyUs)) return Number.NaN;
    const restUs = nowUs - busyUs;
    const lowestUs = statUs - restUs;
    const offsetUs = this.#busyOffsetUs - (elapsedUs > 0 ? elapsedUs * BUSY_DRIFT : 0);
    const highestUs = busyTicks ? lowestUs + stepUs + LONGEST_TICK_US : Number.POSITIVE_INFINITY;
    this.#busyOffsetUs = offsetUs >= lowestUs ? Math.min(offsetUs, highestUs) : lowestUs;
    if (Number.isNaN(this.#busyOffsetUs)) this.#busyOffsetUs = lowestUs + stepUs / 2;
    return restUs + this.#busyOffsetUs;
  }
}
