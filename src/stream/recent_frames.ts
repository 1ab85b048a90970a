import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';

const LONGEST_MS = 60_000;
/** At a thousand snapshots a second a minute would take hundreds of megabytes. */
const MOST_BYTES = 8 * 1024 * 1024;

export interface RecentFrame {
  readonly sequence: number;
  readonly timestamp: string;
  readonly frame: Uint8Array;
  readonly timeMs: number;
}

/** Where in the stream a client is: behind a sequence number of this run, or behind a time of whatever run. */
export type Position = { readonly sequence: number } | { readonly timestamp: string };

/** The frames of the last minute, in memory, for those who come a little late. */
export class RecentFrames {
  #frames: RecentFrame[] = [];
  #start = 0;
  #bytes = 0;

  /** The oldest frame there is. */
  get first(): RecentFrame | undefined {
    return this.#frames[this.#start];
  }

  get last(): RecentFrame | undefined {
    return this.#frames.at(-1);
  }

  add(snapshots: readonly EncodedSnapshot[]): void {
    const timeMs = performance.now();
    for (const { sequence, timestamp, frame } of snapshots) {
      this.#frames.push({ sequence, timestamp, frame, timeMs });
      this.#bytes += frame.length;
    }
    for (let first = this.first; first !== undefined; first = this.first) {
      if (timeMs - first.timeMs <= LONGEST_MS && this.#bytes <= MOST_BYTES) break;
      this.#bytes -= first.frame.length;
      this.#start++;
    }
    // Cut in one go, now and then, what has been let go of one by one.
    if (this.#start > 64 && this.#start * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Whether nothing between the position and the oldest frame is missing, as far as this run goes. */
  reachesBackTo(position: Position): boolean {
    const { first } = this;
    if (first === undefined || first.sequence === 0) return true;
    if ('sequence' in position) return first.sequence <= position.sequence + 1;
    return first.timestamp <= position.timestamp;
  }

  /** Frames behind a position, at most so many. */
  after(position: Position, most: number): RecentFrame[] {
    const { first } = this;
    if (first === undefined) return [];
    let from = this.#start;
    if ('sequence' in position) from += Math.max(0, position.sequence + 1 - first.sequence);
    else while (from < this.#frames.length && this.#frames[from]!.timestamp <= position.timestamp) from++;
    return this.#frames.slice(from, from + most);
  }
}
