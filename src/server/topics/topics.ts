import { US_PER_MS } from '../../base/units.ts';
import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import type { StreamClient } from '../clients/stream_client.ts';
import type { WorkBudget } from '../limits/work_budget.ts';
import type { StreamSource } from '../source/source.ts';
import { type Subscription, subscriptionKey } from '../subscriptions/subscription.ts';
import type { ThinnedInterval } from '../thinning/thinning_tree.ts';
import { ThinningTree } from '../thinning/thinning_tree.ts';
import type { Topic } from './topic.ts';
import { type Load, TopicLoads } from './topic_loads.ts';
import { TopicQueue } from './topic_queue.ts';

/** A topic somebody has, and where its snapshots come from. */
interface Entry {
  readonly topic: Topic;
  /** None where every snapshot is sent. */
  readonly interval: ThinnedInterval | undefined;
}

/** What publishes snapshots, as soon as somebody wants them. */
type PacedSource = Pick<StreamSource, 'intervalMs' | 'setPace'>;

/** Who is sent what: one topic for each distinct subscription somebody has. */
export class Topics {
  readonly #source: PacedSource;
  readonly #entries = new Map<string, Entry>();
  readonly #tree = new ThinningTree();
  readonly #loads = new TopicLoads();
  readonly #queue: TopicQueue;
  readonly #budget: WorkBudget;
  /** Those who want every snapshot, and by interval those who want fewer. */
  readonly #unthinned = new Set<Topic>();
  readonly #thinned = new Map<ThinnedInterval, Set<Topic>>();

  constructor(source: PacedSource, budget: WorkBudget) {
    this.#source = source;
    this.#budget = budget;
    this.#queue = new TopicQueue(budget, this.#loads);
  }

  /** Sends snapshots to everybody who wants them: a little at once, the rest as the budget allows. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#budget.pay(() => {
      this.#fold(snapshots);
      for (const topic of this.#unthinned) this.#queue.offer(topic, snapshots);
      for (const [interval, topics] of this.#thinned) {
        const completed = interval.take();
        if (completed.length > 0) for (const topic of topics) this.#queue.offer(topic, completed);
      }
    });
    this.#queue.serve();
  }

  /**
   * Whether there is room for a subscription: always for one that somebody has.
   *
   * @throws HzstatError TOO_MANY_SUBSCRIPTIONS
   */
  requireRoom(subscription: Subscription): void {
    this.#loads.requireRoom(subscriptionKey(subscription), () => this.#loadOf(subscription));
  }

  /** Holds the place of one who has a subscription, or catches up with it; the returned function gives it back. */
  reserve(subscription: Subscription): () => void {
    return this.#loads.reserve(subscriptionKey(subscription), () => this.#loadOf(subscription));
  }

  /**
   * Lets a client have what comes from now on.
   *
   * @param own made the frames it has had so far; it is used on when nobody else has the same subscription
   */
  join(client: StreamClient, own: Topic): Topic {
    const key = subscriptionKey(own.subscription);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#begin(own);
      this.#entries.set(key, entry);
      this.#setPace();
    }
    // What waits there is from before it came.
    this.#queue.flush(entry.topic);
    entry.topic.clients.add(client);
    return entry.topic;
  }

  leave(client: StreamClient, topic: Topic): void {
    this.#queue.flush(topic);
    topic.clients.delete(client);
    if (topic.clients.size > 0) return;
    const key = subscriptionKey(topic.subscription);
    const entry = this.#entries.get(key);
    if (entry?.topic !== topic) return;
    this.#entries.delete(key);
    this.#end(entry);
    this.#setPace();
  }

  /** Snapshots are wanted whenever the interval of some topic ends. */
  #setPace(): void {
    const intervals = [...this.#entries.values()].map(({ topic }) => topic.subscription.intervalMs);
    this.#source.setPace(intervals.length === 0 ? undefined : commonPaceMs(intervals));
  }

  #fold(snapshots: readonly EncodedSnapshot[]): void {
    if (this.#thinned.size === 0) return;
    const startMs = performance.now();
    for (const snapshot of snapshots) this.#tree.add(snapshot);
    const folds = snapshots.length * this.#tree.foldsPerTick(this.#source.intervalMs);
    this.#loads.folded(folds, performance.now() - startMs);
  }

  #begin(topic: Topic): Entry {
    const { intervalMs, aggregate } = topic.subscription;
    if (intervalMs === 0) {
      this.#unthinned.add(topic);
      return { topic, interval: undefined };
    }
    const interval = this.#tree.join(intervalMs, aggregate === 'minmax', topic.thinning.fold);
    const others = this.#thinned.get(interval);
    if (others === undefined) this.#thinned.set(interval, new Set([topic]));
    else others.add(topic);
    return { topic, interval };
  }

  #end({ topic, interval }: Entry): void {
    this.#unthinned.delete(topic);
    if (interval === undefined) return;
    this.#tree.leave(interval);
    const others = this.#thinned.get(interval);
    others?.delete(topic);
    if (others?.size === 0) this.#thinned.delete(interval);
  }

  #loadOf({ intervalMs, aggregate }: Subscription): Load {
    const tickMs = this.#source.intervalMs;
    const deliveriesPerSecond = 1_000 / (intervalMs || tickMs);
    const foldsPerSecond =
      intervalMs === 0 ? 0 : 1_000 / this.#tree.feedingIntervalMs(intervalMs, aggregate === 'minmax', tickMs);
    return { deliveriesPerSecond, foldsPerSecond };
  }
}

/** The longest time of which each interval is a multiple; 0 when every snapshot is wanted. */
function commonPaceMs(intervalsMs: readonly number[]): number {
  if (intervalsMs.includes(0)) return 0;
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  return intervalsMs.map((ms) => Math.round(ms * US_PER_MS)).reduce(common) / US_PER_MS;
}
