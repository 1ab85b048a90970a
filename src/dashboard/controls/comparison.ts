import { type Buckets, NO_BUCKETS } from '../data/buckets.ts';
import type { LiveStore } from '../data/live_store.ts';
import { Timeline } from '../data/timeline.ts';
import type { Range, ViewState } from '../view/view_state.ts';

/** Another stretch of time, laid over the one that is shown: so much earlier, as the address says. */
export class Comparison {
  readonly #view: ViewState;
  readonly #timeline: Timeline;

  constructor(view: ViewState, store: LiveStore, onUpdate: () => void) {
    this.#view = view;
    this.#timeline = new Timeline(store, onUpdate);
  }

  /** Seconds the other stretch is earlier; undefined when nothing is compared. */
  get shift(): number | undefined {
    const seconds = Number.parseFloat(this.#view.choice('compare') ?? '');
    return seconds > 0 ? seconds : undefined;
  }

  choose(shift: number | undefined): void {
    this.#view.choose('compare', shift === undefined ? undefined : `${shift}s`);
  }

  /** Why the other stretch cannot be had. */
  get trouble(): string | undefined {
    return this.shift === undefined ? undefined : this.#timeline.trouble;
  }

  /** The series of the other stretch, moved to the times of this one; undefined when nothing is compared. */
  buckets(
    keys: readonly string[],
    { from, to }: Range,
    pixels: number,
    isLive: boolean,
  ): Buckets | undefined {
    const { shift } = this;
    if (shift === undefined) return undefined;
    const earlier = { from: from - shift, to: to - shift };
    const { times, width, bands } = this.#timeline.buckets(keys, earlier, pixels, isLive) ?? NO_BUCKETS;
    return { times: times.map((time) => time + shift), width, bands };
  }

  reset(): void {
    this.#timeline.reset();
  }
}

/** The mean of a series within a range; undefined where it has no value. */
export function meanOf({ times, bands }: Buckets, key: string, range: Range): number | undefined {
  const avg = bands.get(key)?.avg;
  if (avg === undefined) return undefined;
  let sum = 0;
  let count = 0;
  for (let index = 0; index < times.length; index++) {
    const value = avg[index];
    if (value == null || times[index]! < range.from || times[index]! > range.to) continue;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}
