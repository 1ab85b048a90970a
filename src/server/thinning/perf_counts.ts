import type { Snapshot } from '../../model/snapshot.ts';

export type PerfEvents = NonNullable<Snapshot['perf_events']>;

/** What perf counted in one of its own intervals, or in several. */
export class PerfCounts {
  #elapsedMs = 0;
  readonly #values = new Map<string, number>();

  add({ elapsed_ms, interval_ms, events }: PerfEvents): void {
    this.#elapsedMs += elapsed_ms ?? interval_ms;
    for (const [event, { value }] of Object.entries(events)) {
      if (value !== null) this.#values.set(event, (this.#values.get(event) ?? 0) + value);
    }
  }

  merge(other: PerfCounts): void {
    this.#elapsedMs += other.#elapsedMs;
    for (const [event, value] of other.#values)
      this.#values.set(event, (this.#values.get(event) ?? 0) + value);
  }

  clear(): void {
    this.#elapsedMs = 0;
    this.#values.clear();
  }

  get isEmpty(): boolean {
    return this.#elapsedMs === 0;
  }

  applyTo(perf: PerfEvents): PerfEvents {
    const events: PerfEvents['events'] = {};
    for (const [event, data] of Object.entries(perf.events)) {
      events[event] = { ...data, value: this.#values.get(event) ?? data.value };
    }
    return { ...perf, elapsed_ms: this.#elapsedMs, events };
  }
}
