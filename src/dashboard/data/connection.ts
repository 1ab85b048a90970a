import { HzstatClient, HzstatError, type IncidentFrame } from '../../client/index.ts';
import type { LiveStore } from './live_store.ts';

export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  | { readonly state: 'lost'; readonly reason: string; readonly retryAtMs: number };

/** No pair of eyes and no screen gains from more; the samples in between are in history. */
const SHORTEST_INTERVAL_MS = 10;
const FIRST_RETRY_MS = 1_000;

/** Keeps the stream flowing into the store, through lost connections. */
export class Connection {
  readonly #store: LiveStore;
  readonly #onSnapshot: () => void;
  readonly #onState: () => void;
  readonly #onIncident: (incident: IncidentFrame) => void;
  #state: ConnectionState = { state: 'connecting' };
  readonly #backfillSeconds: number;
  #dropped = 0;

  /** @param backfillSeconds how much of the past to begin with */
  constructor(
    store: LiveStore,
    backfillSeconds: number,
    events: {
      onSnapshot: () => void;
      onState: () => void;
      onIncident: (incident: IncidentFrame) => void;
    },
  ) {
    this.#store = store;
    this.#backfillSeconds = backfillSeconds;
    this.#onSnapshot = events.onSnapshot;
    this.#onState = events.onState;
    this.#onIncident = events.onIncident;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Snapshots dropped because this page was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  async run(): Promise<never> {
    for (;;) {
      try {
        await this.#follow();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#become({ state: 'lost', reason, retryAtMs: Date.now() + FIRST_RETRY_MS });
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_RETRY_MS));
    }
  }

  async #follow(): Promise<void> {
    const { interval, isRecorded } = await askHealth();
    const client = await HzstatClient.connect({
      url: location.origin,
      since: `${this.#backfillSeconds}s`,
      ...(interval !== undefined && { interval, aggregate: 'minmax' }),
      onHello: (hello) => {
        this.#store.greet(hello, interval !== undefined, isRecorded);
        this.#become({ state: 'open' });
      },
      onIncident: (incident) => this.#onIncident(incident),
      onDropped: (count) => {
        this.#dropped += count;
      },
      onDisconnect: (reason, retryMs) => {
        this.#become({ state: 'lost', reason, retryAtMs: Date.now() + retryMs });
      },
    });
    for await (const snapshot of client) {
      this.#store.take(snapshot);
      this.#onSnapshot();
    }
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#onState();
  }
}

interface Health {
  readonly interval_ms: number;
  readonly history: { readonly state: string };
}

/** What to ask the stream for (nothing, unless the sampler is faster than any screen), and whether it is recorded. */
async function askHealth(): Promise<{ interval: string | undefined; isRecorded: boolean }> {
  const response = await fetch('/health');
  const health: Partial<Health> = await response.json();
  if (health.interval_ms === undefined || health.history === undefined) {
    throw new HzstatError('SERVER_UNREACHABLE', `the server answered with status ${response.status}`);
  }
  return {
    interval: health.interval_ms < SHORTEST_INTERVAL_MS ? `${SHORTEST_INTERVAL_MS}ms` : undefined,
    isRecorded: health.history.state !== 'off',
  };
}
