import type { Snapshot } from '../shared/snapshot.ts';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { type EncodedFrame, encode } from './encoded_frame.ts';
import type { StreamClient } from './stream_client.ts';
import type { Subscription } from './subscription.ts';
import { Thinning } from './thinning.ts';

/** All clients that want the same bytes: each frame is made once for all of them. */
export class Topic {
  readonly clients = new Set<StreamClient>();
  readonly #subscription: Subscription;
  readonly #thinning: Thinning;

  constructor(subscription: Subscription) {
    this.#subscription = subscription;
    this.#thinning = new Thinning(subscription.everyTicks);
  }

  /** The frames these snapshots become for this topic. */
  frames(snapshots: readonly EncodedSnapshot[]): EncodedFrame[] {
    const { format, everyTicks, collectors } = this.#subscription;
    if (format === 'msgpack' && everyTicks === 1 && collectors === undefined) {
      return snapshots.map(({ frame }) => frame);
    }
    const frames: EncodedFrame[] = [];
    for (const { snapshot } of snapshots) {
      for (const thinned of this.#thinning.add(snapshot)) {
        frames.push(encode(collectors === undefined ? thinned : only(thinned, collectors), format));
      }
    }
    return frames;
  }
}

/** The snapshot without the collectors that are not wanted, in `sampling` either. */
function only(snapshot: Snapshot, collectors: readonly string[]): Snapshot {
  const { type, sequence, timestamp, sampling } = snapshot;
  const states: typeof sampling.collectors = {};
  const data: Record<string, unknown> = {};
  for (const name of collectors) {
    const state = sampling.collectors[name];
    if (state !== undefined) states[name] = state;
    const value = snapshot[name as keyof Snapshot];
    if (value !== undefined) data[name] = value;
  }
  return { type, sequence, timestamp, ...data, sampling: { ...sampling, collectors: states } };
}
