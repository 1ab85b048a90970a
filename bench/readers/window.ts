import { NS_PER_MS } from '../../src/base/units.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Received } from './protocol.ts';

/** What is received between a beginning and an end. */
export class Window {
  #frames = 0;
  #bytes = 0;
  #firstMissed: number | undefined;
  #lastMissed = 0;
  readonly #latencies: number[] = [];
  readonly #lateness: number[] = [];

  count(bytes: number): void {
    this.#frames++;
    this.#bytes += bytes;
  }

  /** A snapshot and the moment it arrived. */
  observe({ sampling }: Snapshot, arrivedNs: number): void {
    const dueNs = sampling.tick * sampling.interval_ms * NS_PER_MS;
    this.#latencies.push((arrivedNs - dueNs) / NS_PER_MS);
    this.#lateness.push(sampling.lateness_ms);
    this.#firstMissed ??= sampling.missed_ticks;
    this.#lastMissed = sampling.missed_ticks;
  }

  received(lost: number): Received {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      latencies: this.#latencies,
      lateness: this.#lateness,
      missed: this.#lastMissed - (this.#firstMissed ?? 0),
      lost,
    };
  }
}
