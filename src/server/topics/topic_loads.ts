import { HzstatError } from '../../base/errors.ts';

/** Of one core, what may be promised to distinct subscriptions. */
const PROMISED_SHARE = 0.2;
/** So many are always taken in, however busy the machine made them look. */
const ALWAYS_ROOM = 16;
/** What a delivery and a fold are taken to cost before any was measured, in milliseconds. */
const FIRST_DELIVERY_MS = 0.03;
const FIRST_FOLD_MS = 0.005;
/** How much a new measurement counts. */
const WEIGHT = 0.02;
/** A measurement this many times longer than usual was interrupted, and says nothing about cost. */
const MOST_OF_MEAN = 5;

/** What topics ask for: frames made, and snapshots taken into an interval, in a second. */
export interface Load {
  readonly deliveriesPerSecond: number;
  readonly foldsPerSecond: number;
}

interface Reservation {
  readonly load: Load;
  holders: number;
}

/** Keeps what topics would cost all together within a share of one core, by what they were seen to cost. */
export class TopicLoads {
  readonly #reservations = new Map<string, Reservation>();
  #deliveryMs = FIRST_DELIVERY_MS;
  #foldMs = FIRST_FOLD_MS;
  #deliveriesPerSecond = 0;
  #foldsPerSecond = 0;

  /**
   * Whether one more topic fits; one that somebody has always does.
   *
   * @throws HzstatError TOO_MANY_SUBSCRIPTIONS
   */
  requireRoom(key: string, loadOf: () => Load): void {
    const topics = this.#reservations.size;
    if (topics < ALWAYS_ROOM || this.#reservations.has(key)) return;
    const load = loadOf();
    const deliveries = this.#deliveriesPerSecond + load.deliveriesPerSecond;
    const folds = this.#foldsPerSecond + load.foldsPerSecond;
    const share = (deliveries * this.#deliveryMs + folds * this.#foldMs) / 1_000;
    if (share <= PROMISED_SHARE) return;
    throw new HzstatError(
      'TOO_MANY_SUBSCRIPTIONS',
      `${topics} different subscriptions take all that publishing may cost: ask for one that others have, for a longer interval, or later`,
    );
  }

  /** Holds a place for one who has a topic, or catches up with it, until the returned function is called. */
  reserve(key: string, loadOf: () => Load): () => void {
    let reservation = this.#reservations.get(key);
    if (reservation === undefined) {
      reservation = { load: loadOf(), holders: 0 };
      this.#reservations.set(key, reservation);
      this.#deliveriesPerSecond += reservation.load.deliveriesPerSecond;
      this.#foldsPerSecond += reservation.load.foldsPerSecond;
    }
    reservation.holders++;
    const held = reservation;
    return () => {
      if (--held.holders > 0) return;
      this.#reservations.delete(key);
      this.#deliveriesPerSecond -= held.load.deliveriesPerSecond;
      this.#foldsPerSecond -= held.load.foldsPerSecond;
    };
  }

  /** Records how long a number of deliveries took. */
  delivered(count: number, ms: number): void {
    if (count > 0) this.#deliveryMs = smoothed(this.#deliveryMs, ms / count);
  }

  /** Records how long a number of folds took. */
  folded(count: number, ms: number): void {
    if (count > 0) this.#foldMs = smoothed(this.#foldMs, ms / count);
  }
}

function smoothed(mean: number, ms: number): number {
  return mean + WEIGHT * (Math.min(ms, MOST_OF_MEAN * mean) - mean);
}
