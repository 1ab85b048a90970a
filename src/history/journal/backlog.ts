import type { JournalWriter } from './journal.ts';

/** Beyond that the oldest snapshots are given up. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Records on their way to the disk; when it refuses them they wait, within bounds. */
export class Backlog {
  /** Snapshots that were given up. */
  lost = 0;
  #waiting: { readonly records: Uint8Array; readonly count: number }[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(records: Uint8Array, count: number): void {
    this.#waiting.push({ records, count });
    this.#bytes += records.length;
    while (this.#bytes > MOST_BYTES) this.lost += this.#take();
  }

  /** Writes what waits. @throws the system's error when the disk refuses; what is not written goes on waiting */
  writeTo(journal: JournalWriter): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      journal.append(next.records);
      this.#take();
    }
  }

  /** Takes out the oldest; returns how many snapshots it has. */
  #take(): number {
    const oldest = this.#waiting.shift();
    this.#bytes -= oldest?.records.length ?? 0;
    return oldest?.count ?? 0;
  }
}
