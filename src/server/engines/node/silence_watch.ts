import { MS_PER_SECOND } from '../../../base/units.ts';
/** A connection that can be asked whether anybody is there. */
export interface Watched {
  /** When something was last heard of it, by `performance.now()`. */
  lastHeardMs: number;
  isPinged: boolean;
  ping(): void;
  cut(): void;
}

const CHECKS_EACH_PERIOD = 16;
/** After this share of the time a client may be silent it is pinged. */
const PING_SHARE = 0.75;

/** One timer for all connections: pings those that say nothing, and cuts those that do not answer. */
export class SilenceWatch {
  readonly #longestMs: number;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(longestS: number) {
    this.#longestMs = longestS * MS_PER_SECOND;
  }

  start(): void {
    this.#timer = setInterval(() => this.#check(performance.now()), this.#longestMs / CHECKS_EACH_PERIOD);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched);
  }

  #check(nowMs: number): void {
    for (const watched of this.#watched) {
      const silentMs = nowMs - watched.lastHeardMs;
      if (silentMs > this.#longestMs) watched.cut();
      else if (silentMs > PING_SHARE * this.#longestMs && !watched.isPinged) {
        watched.isPinged = true;
        watched.ping();
      }
    }
  }
}
