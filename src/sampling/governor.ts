/** CPU is judged over this many seconds, so that one busy moment changes nothing. */
const WINDOW_S = 30;
/** When each of a few seconds took twice the budget and more, that is enough to tell. */
const SHORT_WINDOW_S = 5;
const FAR_OVER = 2;
/** Code that has just been loaded is slow; what it costs then says nothing. */
const WARM_UP_S = 5;
/** A quarter over the budget is not worth half of the samples: only beyond that the interval grows. */
const TOLERANCE = 1.25;
/** A shorter interval is tried when it would take at most this much of the budget, by an estimate that is too high. */
const ROOM = 1.1;
/** How long there must have been room; doubled each time it turns out that there was not. */
const FIRST_PATIENCE_S = 30;
const LONGEST_PATIENCE_S = 3_600;
/** Coming back was right if the shorter interval lasted this many times as long as the wait before it. */
const SETTLED = 20;
/** Ten times slower twice, or every ten seconds: beyond that nobody is served. */
const LONGEST_STRETCH = 100;
const LONGEST_INTERVAL_MS = 10_000;

/** A change of the interval, and why. */
export interface Decision {
  readonly intervalMs: number;
  /** CPU of the last seconds, as a share of one core. */
  readonly usedPercent: number;
  readonly reason: 'over_budget' | 'room_again';
}

/**
 * Keeps the sampler within a share of one core by taking samples less often. It looks once a
 * second (or with every snapshot, where those are rarer), moves in
 * steps of 1, 2, 5, 10, … times the interval asked for, and comes back step by step when there is room: only if
 * the shorter interval would fit with something to spare, and more and more patiently if it did not last time.
 */
export class Governor {
  readonly limitPercent: number;
  readonly askedIntervalMs: number;
  readonly #steps: readonly number[];
  #step = 0;
  #window: number[] = [];
  #ignoreS = WARM_UP_S;
  #roomS = 0;
  #patienceS = FIRST_PATIENCE_S;
  /** Seconds since it last came back a step; infinite when it never did. */
  #sinceReturnS = Number.POSITIVE_INFINITY;

  constructor(askedIntervalMs: number, limitPercent: number) {
    this.askedIntervalMs = askedIntervalMs;
    this.limitPercent = limitPercent;
    const longestMs = Math.max(askedIntervalMs, LONGEST_INTERVAL_MS);
    this.#steps = [1, 2, 5, 10, 20, 50, LONGEST_STRETCH]
      .map((stretch) => askedIntervalMs * stretch)
      .filter((intervalMs) => intervalMs <= longestMs);
  }

  get intervalMs(): number {
    return this.#steps[this.#step] ?? this.askedIntervalMs;
  }

  /** Takes in the CPU of one more second; returns the change it makes, if it makes one. */
  observe(usedPercent: number): Decision | undefined {
    this.#sinceReturnS++;
    if (this.#ignoreS > 0) {
      this.#ignoreS--;
      return undefined;
    }
    this.#window.push(usedPercent);
    if (this.#window.length > WINDOW_S) this.#window.shift();
    const seconds = this.#window.length;
    const lately = Math.min(...this.#window.slice(-SHORT_WINDOW_S));
    if (seconds >= SHORT_WINDOW_S && lately > this.limitPercent * FAR_OVER) return this.#slowDown(lately);
    if (seconds < WINDOW_S) return undefined;
    const typical = medianOf(this.#window);
    return typical > this.limitPercent * TOLERANCE ? this.#slowDown(typical) : this.#comeBack(typical);
  }

  #slowDown(usedPercent: number): Decision | undefined {
    this.#roomS = 0;
    if (this.#step + 1 >= this.#steps.length) return undefined;
    // There was no room after all: next time it is waited for longer.
    if (this.#sinceReturnS < SETTLED * this.#patienceS) {
      this.#patienceS = Math.min(this.#patienceS * 2, LONGEST_PATIENCE_S);
    }
    this.#step++;
    return this.#decide(usedPercent, 'over_budget');
  }

  #comeBack(usedPercent: number): Decision | undefined {
    const shorterMs = this.#steps[this.#step - 1];
    if (shorterMs === undefined) return undefined;
    // Cost rises at most in proportion to the rate, because part of it is per second and not per snapshot.
    const expected = (usedPercent * this.intervalMs) / shorterMs;
    this.#roomS = expected <= this.limitPercent * ROOM ? this.#roomS + 1 : 0;
    if (this.#roomS < this.#patienceS) return undefined;
    this.#step--;
    this.#sinceReturnS = 0;
    return this.#decide(usedPercent, 'room_again');
  }

  #decide(usedPercent: number, reason: Decision['reason']): Decision {
    this.#window = [];
    this.#roomS = 0;
    // The second in which the interval changes belongs to both.
    this.#ignoreS = 1;
    return { intervalMs: this.intervalMs, usedPercent, reason };
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
