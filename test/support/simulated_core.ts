const JIFFY_US = 10_000;
/** Idle time that goes into waking up, which residency does not have. */
const WAKING_SHARE = 0.001;
const KERNEL_TICK_US = 4_000;

/** What a core does: busy from one time to another, in microseconds, in order and apart. */
export type BusyPeriods = readonly (readonly [fromUs: number, toUs: number])[];

/** A core that is busy in known periods, and what the kernel would show of it at any moment. */
export class SimulatedCore {
  readonly #periods: BusyPeriods;
  /** What each counter had counted before the simulation began. */
  readonly #before = { stat: 7_654_321_987, residency: 1_234_567_890, busy: 9_876_543_210 };

  constructor(periods: BusyPeriods) {
    this.#periods = periods;
  }

  busyUs(untilUs: number): number {
    let sum = 0;
    for (const [from, to] of this.#periods) {
      if (from >= untilUs) break;
      sum += Math.min(to, untilUs) - from;
    }
    return sum;
  }

  isBusy(atUs: number): boolean {
    return this.#periods.some(([from, to]) => from <= atUs && atUs < to);
  }

  /** The idle column of /proc/stat, in whole jiffies. */
  statUs(atUs: number): number {
    const idle = this.#before.stat + atUs - this.busyUs(atUs);
    return Math.floor(idle / JIFFY_US) * JIFFY_US;
  }

  /** Residency: what was idle until the core last woke up. */
  residencyUs(atUs: number): number {
    const since = this.isBusy(atUs)
      ? atUs
      : Math.max(0, ...this.#periods.map(([, to]) => (to <= atUs ? to : 0)));
    return Math.floor(this.#before.residency + (since - this.busyUs(since)) * (1 - WAKING_SHARE));
  }

  /** Time run as the scheduler keeps it: while busy, up to the kernel's last tick. */
  ranUs(atUs: number): number {
    const started = this.#periods.find(([from, to]) => from <= atUs && atUs < to)?.[0];
    const until =
      started === undefined ? atUs : Math.max(started, Math.floor(atUs / KERNEL_TICK_US) * KERNEL_TICK_US);
    return this.#before.busy + this.busyUs(until);
  }

  /** Time run as /proc/schedstat has it: without the run in progress. */
  departedUs(atUs: number): number {
    const started = this.#periods.find(([from, to]) => from <= atUs && atUs < to)?.[0];
    return this.#before.busy + this.busyUs(started ?? atUs);
  }
}

/** A generator of the same numbers between 0 and 1 every time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Busy for a share of each 100 ms, with some work of others in between. */
export function dutyCycle(
  share: number,
  seconds: number,
  random: () => number,
  noise = 0.02,
): [number, number][] {
  const periods: [number, number][] = [];
  const phase = random() * 100_000;
  for (let at = 0; at < seconds * 1e6; ) {
    const cycle = Math.floor((at - phase) / 100_000);
    const cycleStart = cycle * 100_000 + phase;
    const busyUntil = cycleStart + share * 100_000;
    if (at < busyUntil) {
      periods.push([at, busyUntil]);
      at = busyUntil;
      continue;
    }
    const next = cycleStart + 100_000;
    const gap = -Math.log(1 - random()) * 10_000;
    const length = gap * noise * 2 * random();
    if (noise > 0 && at + gap + length < next) {
      periods.push([at + gap, at + gap + length]);
      at += gap + length;
    } else at = next;
  }
  return periods.filter(([from, to]) => to > from);
}
