import type { HelloFrame, Snapshot } from '../../client/index.ts';
import { type MetricKey, maximumKey, minimumKey } from './metric.ts';
import { columnsOf, extremesOf } from './snapshot_columns.ts';
import { TimeSeries } from './time_series.ts';

/** How much of the stream is kept in memory; what lies before is history's. */
const KEPT_SECONDS = 900;
const FEWEST_ROWS = 2_000;
const MOST_ROWS = 30_000;

/** What came over the stream: the latest snapshot, and the minutes before it as columns. */
export class LiveStore {
  readonly #latest = new Map<string, number>();
  #rows = new TimeSeries(FEWEST_ROWS);
  #interval = 0.1;
  #snapshot: Snapshot | undefined;
  #hello: HelloFrame | undefined;
  #isThinned = false;
  #isRecorded = true;

  get hello(): HelloFrame | undefined {
    return this.#hello;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  get rows(): TimeSeries {
    return this.#rows;
  }

  /** Whether there is a history to ask. */
  get isRecorded(): boolean {
    return this.#isRecorded;
  }

  /** Whether what memory holds is fewer samples than were taken. */
  get isThinned(): boolean {
    return this.#isThinned;
  }

  /** Seconds between two rows. */
  get interval(): number {
    return this.#interval;
  }

  /** Time of the latest snapshot, or the clock's while there is none; seconds since 1970. */
  get now(): number {
    return this.#rows.length > 0 ? this.#rows.lastTime : Date.now() / 1000;
  }

  /** A number of the latest snapshot; undefined when it is not in it. */
  latest(key: MetricKey): number | undefined {
    return this.#latest.get(key);
  }

  /**
   * @param isThinned whether this page is sent fewer snapshots than there are
   * @param isRecorded whether there is a history to ask
   */
  greet(hello: HelloFrame, isThinned: boolean, isRecorded: boolean): void {
    this.#isThinned = isThinned;
    this.#isRecorded = isRecorded;
    this.#interval = hello.interval_ms / 1000;
    if (this.#hello === undefined) {
      const rows = Math.min(Math.max(KEPT_SECONDS / this.#interval, FEWEST_ROWS), MOST_ROWS);
      this.#rows = new TimeSeries(Math.ceil(rows));
    }
    this.#hello = hello;
  }

  take(snapshot: Snapshot): void {
    if (!this.#rows.append(Date.parse(snapshot.timestamp) / 1000)) return;
    this.#snapshot = snapshot;
    // The sampler may have slowed down or sped up since its hello, but this client is sent no more than it asked for.
    const asked = (this.#hello?.interval_ms ?? 0) / 1000;
    this.#interval = this.#isThinned ? asked : snapshot.sampling.interval_ms / 1000;
    this.#latest.clear();
    columnsOf(snapshot, (key, value) => {
      this.#latest.set(key, value);
      this.#rows.set(key, value);
    });
    extremesOf(snapshot, 'minimum', (key, value) => this.#rows.set(minimumKey(key), value));
    extremesOf(snapshot, 'maximum', (key, value) => this.#rows.set(maximumKey(key), value));
  }
}
