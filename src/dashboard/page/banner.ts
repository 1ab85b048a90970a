import type { Connection } from '../data/connection.ts';
import type { LiveStore } from '../data/live_store.ts';
import { element, setText } from '../view/element.ts';
import { span } from '../words/format.ts';

/** A stream that brings nothing for this many of its intervals, and this long, stands still. */
const STILL_INTERVALS = 5;
const STILL_MS = 2_000;

/** Says that the connection is lost, or that nothing comes over it, and what is done about it. */
export class Banner {
  readonly root = element('p', { class: 'banner', role: 'alert', hidden: true });
  readonly #store: LiveStore;
  readonly #connection: Connection;
  #sequence = -1;
  #arrivedAtMs = Date.now();

  constructor(store: LiveStore, connection: Connection) {
    this.#store = store;
    this.#connection = connection;
    setInterval(() => this.update(), 500);
  }

  update(): void {
    const text = this.#text();
    this.root.hidden = text === undefined;
    if (text !== undefined) setText(this.root, text);
  }

  #text(): string | undefined {
    const { state } = this.#connection;
    const nowMs = Date.now();
    const sequence = this.#store.snapshot?.sequence ?? -1;
    if (sequence !== this.#sequence || state.state !== 'open') {
      this.#sequence = sequence;
      this.#arrivedAtMs = nowMs;
    }
    if (state.state === 'lost') {
      const seconds = Math.max(Math.ceil((state.retryAtMs - nowMs) / 1000), 0);
      const next = seconds === 0 ? 'trying again …' : `trying again in ${seconds} s`;
      return `Connection lost: ${state.reason}; ${next}. What is shown is from before.`;
    }
    const stillMs = nowMs - this.#arrivedAtMs;
    const still = stillMs > Math.max(STILL_MS, this.#store.interval * 1000 * STILL_INTERVALS);
    return still ? `No snapshot for ${span(stillMs / 1000)}: sampling has stalled.` : undefined;
  }
}
