import type { Subscription } from '../../../src/server/subscriptions/subscription.ts';
import { Thinning } from '../../../src/server/thinning/thinning.ts';
import { Topic } from '../../../src/server/topics/topic.ts';
import { EncodedSnapshot } from '../../../src/wire/encoded_snapshot.ts';
import type { Collected } from '../machines.ts';
import { snapshotsOf } from '../snapshots.ts';
import type { Row, Suite } from '../suite.ts';

const SNAPSHOTS = 1_000;
const EVERYTHING: Subscription = {
  format: 'msgpack',
  intervalMs: 0,
  collectors: undefined,
  aggregate: 'mean',
  protocol: 1,
  incidents: false,
};

const SUBSCRIPTIONS: readonly [name: string, subscription: Partial<Subscription>][] = [
  ['everything', {}],
  ['everything, as records', { format: 'msgpack-records' }],
  ['everything, JSON', { format: 'json' }],
  ['cpu and memory only', { collectors: ['cpu', 'memory'] }],
  ['once a second', { intervalMs: 1_000 }],
  ['once a second, with minima and maxima', { intervalMs: 1_000, aggregate: 'minmax' }],
];

/** What one more kind of subscription costs at every tick, however many clients have it; sending is bench:fanout's. */
export function topicSuite({ machine, data }: Collected): Suite {
  const packed = snapshotsOf(data, SNAPSHOTS);
  const rows = SUBSCRIPTIONS.map(([name, wanted]): Row => {
    const subscription = { ...EVERYTHING, ...wanted };
    const topic = new Topic(subscription);
    const thinning = new Thinning(subscription.intervalMs, subscription.aggregate === 'minmax');
    const next = inTurn(packed);
    return { name, run: () => topic.frames(thinning.add(new EncodedSnapshot(next()))) };
  });
  const next = inTurn(packed);
  const control: Row = { name: 'no topic at all', control: true, run: () => [new EncodedSnapshot(next())] };
  return { source: `stream/topic, ${machine}`, rows: [control, ...rows] };
}

function inTurn<T>(items: readonly T[]): () => T {
  let index = 0;
  return () => items[index++ % items.length]!;
}
