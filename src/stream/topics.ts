import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import type { StreamClient } from './stream_client.ts';
import { subscriptionKey } from './subscription.ts';
import type { Topic } from './topic.ts';

/** Who is sent what: one topic for each distinct subscription somebody has. */
export class Topics {
  readonly #topics = new Map<string, Topic>();

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    for (const topic of this.#topics.values()) {
      const frames = topic.frames(snapshots);
      for (const client of topic.clients) client.send(frames);
    }
  }

  /**
   * Lets a client have what comes from now on.
   *
   * @param own made the frames it has had so far; it is used on when nobody else has the same subscription
   */
  join(client: StreamClient, own: Topic): Topic {
    const key = subscriptionKey(own.subscription);
    const topic = this.#topics.get(key) ?? own;
    this.#topics.set(key, topic);
    topic.clients.add(client);
    return topic;
  }

  leave(client: StreamClient, topic: Topic): void {
    topic.clients.delete(client);
    if (topic.clients.size === 0) this.#topics.delete(subscriptionKey(topic.subscription));
  }
}
