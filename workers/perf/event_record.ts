import { Disbelief } from '../counters/disbelief.ts';
import { canHaveCounted } from './event_ceiling.ts';
import type { PerfInterval } from './interval_reader.ts';
import type { PerfAbilities } from './perf_probe.ts';

/** What became of each event since perf began: whether it was ever counted, and whether that could be believed. */
export class EventRecord {
  /** Rises when something changes of what was counted and believed: not every interval, as values do. */
  revision = 0;
  readonly #cpus: number;
  readonly #counted = new Set<string>();
  readonly #disbelief = new Map<string, Disbelief>();
  /** What each counted in all; it goes on when perf has to be started anew. */
  readonly #totals = new Map<string, number>();

  /** @param cpus how many CPUs count at most */
  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  /** Events that were on a counter at least once. */
  get counted(): ReadonlySet<string> {
    return this.#counted;
  }

  /** Takes in an interval, takes out of it what cannot have happened, and puts in what was counted in all. */
  take({ events, elapsedMs }: PerfInterval): void {
    for (const disbelief of this.#disbelief.values()) {
      const { message } = disbelief;
      disbelief.pass();
      if (disbelief.message !== message) this.revision++;
    }
    for (const name in events) {
      const event = events[name]!;
      const { value, unit } = event;
      event.total = this.#totals.get(name) ?? null;
      if (value === null) continue;
      if (!this.#counted.has(name)) {
        this.#counted.add(name);
        this.revision++;
      }
      if (canHaveCounted(name, { value, unit }, this.#cpus, elapsedMs)) {
        event.total = (event.total ?? 0) + value;
        this.#totals.set(name, event.total);
        continue;
      }
      event.value = null;
      this.#disbelieve(
        name,
        `it counted ${value}${unit ?? ''} within ${Math.round(elapsedMs)}ms, which cannot have happened: that is left out`,
      );
    }
  }

  /** Why events have no value, or had none of late; by event. */
  messages(abilities: PerfAbilities | undefined, uncounted: readonly string[]): ReadonlyMap<string, string> {
    const messages = new Map<string, string>();
    for (const name of abilities?.unsupported ?? []) messages.set(name, 'not supported by this host');
    for (const name of abilities?.missing ?? []) messages.set(name, 'not known to this perf');
    for (const name of uncounted) messages.set(name, 'on a counter in no interval so far');
    for (const [name, { message }] of this.#disbelief) if (message !== undefined) messages.set(name, message);
    return messages;
  }

  clear(): void {
    this.revision++;
    this.#counted.clear();
    this.#disbelief.clear();
  }

  #disbelieve(name: string, message: string): void {
    let disbelief = this.#disbelief.get(name);
    if (disbelief === undefined) {
      disbelief = new Disbelief();
      this.#disbelief.set(name, disbelief);
    }
    disbelief.tell(message);
    this.revision++;
  }
}
