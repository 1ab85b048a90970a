import { errorMessage } from '../base/errors.ts';
import type { Feed } from './feed.ts';
import { Past } from './view/past.ts';
import { Moment } from './view/view.ts';

/** How much more of the past is asked for at a time, and at most for one moment in it. */
const FETCHED_MS = 600_000;
const MOST_FETCHED_MS = 1_800_000;
/** What is asked for besides, so that charts have something before that moment. */
const LEAD_MS = 60_000;
/** A moment that is not kept is shown by one that came so soon after it. */
const NEAR_MS = 1_000;

/** Which moment is shown: the latest, one that is held, or one that somebody has gone back to. */
export class Rewind {
  readonly past = new Past();
  readonly #feed: Feed;
  readonly #say: (text: string) => void;
  readonly #changed: () => void;
  #latest: Moment | undefined;
  #held: Moment | undefined;
  #isBack = false;
  #isFetching = false;

  /**
   * @param say tells whoever goes back what is there
   * @param changed is called when something else is to be shown, though nobody has just asked for it
   */
  constructor(feed: Feed, say: (text: string) => void, changed: () => void) {
    this.#feed = feed;
    this.#say = say;
    this.#changed = changed;
  }

  get shown(): Moment | undefined {
    return this.#held ?? this.#latest;
  }

  get latest(): Moment | undefined {
    return this.#latest;
  }

  get isLive(): boolean {
    return this.#held === undefined;
  }

  /** How long before the latest moment the one is that was gone back to; undefined where none was. */
  get agoMs(): number | undefined {
    if (!this.#isBack || this.#held === undefined || this.#latest === undefined) return undefined;
    return Math.max(0, this.#latest.timeMs - this.#held.timeMs);
  }

  add(moment: Moment): void {
    this.#latest = moment;
    this.past.add(moment);
  }

  /** Holds what is shown, or is live again. */
  pause(): void {
    if (this.isLive) this.#held = this.#latest;
    else this.goLive();
  }

  goLive(): void {
    this.#held = undefined;
    this.#isBack = false;
    this.past.forgetFar();
  }

  goToOldest(): void {
    this.#goTo(this.past.oldest);
  }

  /** Moves by a time; beyond the newest it is live again. */
  moveBy(ms: number): void {
    const from = this.shown;
    if (from === undefined) return;
    const timeMs = from.timeMs + ms;
    if (ms > 0 && timeMs >= this.past.newestMs) {
      this.goLive();
      return;
    }
    if (timeMs < this.past.oldestMs) void this.#fetchBefore(FETCHED_MS);
    const found = this.past.at(timeMs);
    // Where fewer are kept than there are steps, each still goes on.
    const stays = ms < 0 && found !== undefined && found.timeMs >= from.timeMs;
    this.#goTo(stays ? (this.past.before(from) ?? found) : found);
  }

  /** Goes to a time of the wall clock (ISO 8601), which the feed is asked for where it is not kept here. */
  goToTime(timestamp: string): void {
    const { oldest } = this.past;
    if (oldest === undefined) return;
    const found = this.past.atTimestamp(timestamp);
    const missingMs = Date.parse(oldest.snapshot.timestamp) - Date.parse(timestamp);
    if (found !== undefined || missingMs <= NEAR_MS) this.#goTo(found ?? oldest);
    else if (missingMs + LEAD_MS > MOST_FETCHED_MS)
      this.#say(`${timestamp.slice(11, 19)} is not kept any more`);
    else void this.#fetchBefore(missingMs + LEAD_MS, () => this.#goTo(this.past.atTimestamp(timestamp)));
  }

  /** Goes to the latest of these times before the one that is shown, if that is one of the past. */
  goToLatestOf(timestamps: readonly string[]): void {
    const shown = this.#isBack ? this.#held?.snapshot.timestamp : undefined;
    for (const timestamp of timestamps) {
      const at = this.past.atTimestamp(timestamp)?.snapshot.timestamp ?? timestamp;
      if (shown !== undefined && at >= shown) continue;
      this.goToTime(timestamp);
      return;
    }
    this.#say(shown === undefined ? 'no incidents' : 'no incident before this moment');
  }

  /** Asks the feed for what was before all that is kept. */
  async #fetchBefore(spanMs: number, then?: () => void): Promise<void> {
    const { oldest } = this.past;
    if (this.#feed.before === undefined || oldest === undefined || this.#isFetching) return;
    if (!this.past.hasRoom) {
      this.#say('what was before that is for hzstat query');
      return;
    }
    this.#isFetching = true;
    this.#say('asking for what was before');
    try {
      const snapshots = await this.#feed.before(oldest.snapshot.timestamp, spanMs);
      let before: Moment | undefined;
      const moments = snapshots.map((snapshot) => {
        before = new Moment(snapshot, before);
        return before;
      });
      // Who is live again by now wants none of it.
      const isWanted = this.#isBack || then !== undefined;
      const found = isWanted ? this.past.prepend(moments) : 0;
      this.#say(found === 0 ? 'nothing older is kept' : 'there is more to go back to');
      if (found > 0) then?.();
    } catch (error) {
      this.#say(errorMessage(error));
    }
    this.#isFetching = false;
    this.#changed();
  }

  #goTo(moment: Moment | undefined): void {
    if (moment === undefined) return;
    this.#held = moment;
    this.#isBack = true;
  }
}
