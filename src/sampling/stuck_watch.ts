/** Nobody waits longer than this for a collector, nor shorter: a busy machine must not look like a stuck collector. */
const SHORTEST_PATIENCE_MS = 2_000;
const PATIENCE_INTERVALS = 3;
/** Loading a module takes longer than answering. */
const LOAD_PATIENCE_MS = 10_000;

/** What a watch does about a collector that has stopped answering. */
export interface StuckHandlers {
  /** Nothing was heard for this long. */
  late(silentMs: number): void;
  /** Nothing was heard for twice as long, or longer than loading may take. */
  stuck(silentMs: number): void;
}

/** Notices that a collector does not answer any more: its code is the user's and may do anything. */
export class StuckWatch {
  readonly #handlers: StuckHandlers;
  #timer: NodeJS.Timeout | undefined;
  #patienceMs = SHORTEST_PATIENCE_MS;
  #silentMs = 0;
  #stuckMs = 0;

  constructor(handlers: StuckHandlers) {
    this.#handlers = handlers;
  }

  /** Begins to listen, with the patience that suits the interval. */
  begin(intervalMs: number): void {
    this.end();
    this.#patienceMs = Math.max(SHORTEST_PATIENCE_MS, PATIENCE_INTERVALS * intervalMs);
    this.#silentMs = 0;
    this.#stuckMs = Math.max(LOAD_PATIENCE_MS, 2 * this.#patienceMs);
    this.#timer = setInterval(() => this.#tick(), this.#patienceMs);
  }

  /** The collector has answered. */
  heard(): void {
    // It was heard at some time between the latest look and the next, which therefore says nothing.
    this.#silentMs = -this.#patienceMs;
    this.#stuckMs = 2 * this.#patienceMs;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#silentMs += this.#patienceMs;
    if (this.#silentMs >= this.#stuckMs) this.#handlers.stuck(this.#silentMs);
    else if (this.#silentMs >= this.#patienceMs) this.#handlers.late(this.#silentMs);
  }
}
