import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import type { WorkBudget } from '../limits/work_budget.ts';
import type { Topic } from './topic.ts';
import type { TopicLoads } from './topic_loads.ts';

/** After so long others have their turn: ticks, journal, signals, requests. */
const SLICE_MS = 4;
/** Snapshots a topic may be behind; beyond that all but the latest are dropped. */
const MOST_WAITING = 64;
/** Deliveries to more clients than this tell more of sending than of making frames. */
const FEW_CLIENTS = 4;

/** What a topic has to be sent yet. */
interface Waiting {
  snapshots: readonly EncodedSnapshot[];
  /** Snapshots dropped that its clients have not been notified of yet. */
  spared: number;
}

/**
 * The topics that have something to send, served in turn and in slices of the event loop, as far as the budget goes.
 * Beyond the budget the load is shed: a topic that has not had its turn by the time of its next snapshots loses
 * the earlier ones, and its clients are notified.
 */
export class TopicQueue {
  readonly #budget: WorkBudget;
  readonly #loads: TopicLoads;
  readonly #waiting = new Map<Topic, Waiting>();
  #isScheduled = false;

  constructor(budget: WorkBudget, loads: TopicLoads) {
    this.#budget = budget;
    this.#loads = loads;
  }

  offer(topic: Topic, snapshots: readonly EncodedSnapshot[]): void {
    const waiting = this.#waiting.get(topic);
    if (waiting === undefined) {
      this.#waiting.set(topic, { snapshots, spared: 0 });
      return;
    }
    const all = [...waiting.snapshots, ...snapshots];
    const isTooMuch = this.#budget.isSpent || all.length > MOST_WAITING;
    waiting.snapshots = isTooMuch ? all.slice(-1) : all;
    waiting.spared += all.length - waiting.snapshots.length;
  }

  /** Sends a topic what waits for it, because its clients are about to change. */
  flush(topic: Topic): void {
    const waiting = this.#waiting.get(topic);
    if (waiting === undefined) return;
    this.#waiting.delete(topic);
    this.#budget.pay(() => this.#deliver(topic, waiting));
  }

  /** Serves those who wait, unless that goes on already. */
  serve(): void {
    if (!this.#isScheduled) this.#serveSlice();
  }

  #serveSlice(): void {
    this.#isScheduled = false;
    const endMs = performance.now() + SLICE_MS;
    for (const [topic, waiting] of this.#waiting) {
      const { waitMs } = this.#budget;
      if (waitMs > 0 || performance.now() > endMs) {
        this.#continueIn(waitMs);
        return;
      }
      this.#waiting.delete(topic);
      this.#budget.pay(() => this.#deliver(topic, waiting));
    }
  }

  #continueIn(waitMs: number): void {
    this.#isScheduled = true;
    if (waitMs > 0) setTimeout(() => this.#serveSlice(), waitMs).unref();
    else setImmediate(() => this.#serveSlice());
  }

  #deliver(topic: Topic, { snapshots, spared }: Waiting): void {
    const startMs = performance.now();
    const frames = topic.frames(snapshots);
    for (const client of topic.clients) client.send(frames, spared);
    if (topic.clients.size <= FEW_CLIENTS)
      this.#loads.delivered(snapshots.length, performance.now() - startMs);
  }
}
