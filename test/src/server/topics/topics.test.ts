import { describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { StreamClient } from '../../../../src/server/clients/stream_client.ts';
import type { EngineSocket } from '../../../../src/server/engine/engine.ts';
import { WorkBudget } from '../../../../src/server/limits/work_budget.ts';
import type { StreamFormat, Subscription } from '../../../../src/server/subscriptions/subscription.ts';
import { Topic } from '../../../../src/server/topics/topic.ts';
import { Topics } from '../../../../src/server/topics/topics.ts';
import type { EncodedSnapshot } from '../../../../src/wire/encoded_snapshot.ts';
import { decodeFrame } from '../../../../src/wire/packing/codec.ts';
import type { Frame } from '../../../../src/wire/protocol/frames.ts';
import { encoded, randomTicks, rounded, TICK_MS } from '../../../support/random_ticks.ts';

const EVERYTHING: Subscription = {
  format: 'msgpack',
  intervalMs: 0,
  collectors: undefined,
  aggregate: 'mean',
  protocol: 1,
  incidents: false,
};

class Listener implements EngineSocket {
  readonly bufferedBytes = 0;
  readonly frames: Frame[] = [];
  readonly client: StreamClient;

  constructor(format: StreamFormat) {
    this.client = new StreamClient(this, format);
  }

  send(message: Uint8Array | string): void {
    this.frames.push(typeof message === 'string' ? (JSON.parse(message) as Frame) : decodeFrame(message));
  }

  cork(write: () => void): void {
    write();
  }

  end(): void {}

  get snapshots(): Snapshot[] {
    return this.frames.filter((frame) => frame.type === 'snapshot');
  }

  get dropped(): number {
    return this.frames.reduce((sum, frame) => sum + (frame.type === 'dropped' ? frame.count : 0), 0);
  }
}

function topicsWith(budget = new WorkBudget(1, 10_000)): Topics {
  return new Topics({ intervalMs: TICK_MS, setPace: () => {} }, budget);
}

function join(topics: Topics, subscription: Subscription): Listener {
  const listener = new Listener(subscription.format);
  topics.join(listener.client, new Topic(subscription));
  return listener;
}

/** By hand, of objects: the snapshot without the collectors that are not wanted. */
function only(snapshot: Snapshot, wanted: readonly string[]): unknown {
  const { type, sequence, timestamp, sampling, minimum, maximum } = snapshot;
  const pick = (from: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(from).filter(([name]) => wanted.includes(name)));
  return {
    type,
    sequence,
    timestamp,
    ...pick(snapshot),
    sampling: { ...sampling, collectors: pick(sampling.collectors) },
    ...(minimum !== undefined && { minimum: pick(minimum) }),
    ...(maximum !== undefined && { maximum: pick(maximum) }),
  };
}

describe('everybody is sent what they asked for', () => {
  const ticks = encoded(randomTicks(3, 200));
  const publishAll = async (topics: Topics): Promise<void> => {
    for (const tick of ticks) {
      topics.publish([tick]);
      await new Promise(setImmediate);
    }
  };

  test.each([
    { intervalMs: 0, aggregate: 'mean' },
    { intervalMs: 700, aggregate: 'mean' },
    { intervalMs: 700, aggregate: 'minmax' },
  ] as const)('in any format and selection: %o', async (wanted) => {
    const topics = topicsWith();
    const whole = join(topics, { ...EVERYTHING, ...wanted });
    const formats = ['msgpack', 'json'] as const;
    const selections = [[], ['network'], ['cpu', 'network']];
    const listeners = formats.flatMap((format) =>
      selections.map((collectors) => ({
        collectors,
        listener: join(topics, { ...EVERYTHING, ...wanted, format, collectors }),
      })),
    );
    await publishAll(topics);
    await vi.waitFor(() => expect(whole.snapshots.at(-1)!.sequence).toBeGreaterThan(190), {
      timeout: 20_000,
    });
    await vi.waitFor(
      () => {
        for (const { listener } of listeners) expect(listener.snapshots.length).toBe(whole.snapshots.length);
      },
      { timeout: 20_000 },
    );
    for (const { collectors, listener } of listeners) {
      const expected = whole.snapshots.map((snapshot) => only(snapshot, collectors));
      expect(rounded(listener.snapshots)).toEqual(rounded(expected));
    }
  });
});

describe('what takes more than the budget', () => {
  /** A clock that only this test moves. */
  function overBudget(): { budget: WorkBudget; advance: (ms: number) => void } {
    let nowMs = 0;
    const budget = new WorkBudget(0.5, 100, () => nowMs);
    budget.spend(200);
    return {
      budget,
      advance: (ms) => {
        nowMs += ms;
      },
    };
  }

  test('is spared the clients, who are told how much and why', async () => {
    const { budget, advance } = overBudget();
    const topics = topicsWith(budget);
    const listener = join(topics, EVERYTHING);
    const ticks = encoded(randomTicks(1, 10));
    for (const tick of ticks) topics.publish([tick]);
    expect(listener.frames).toEqual([]);
    advance(1_000);
    await vi.waitFor(() => expect(listener.snapshots.length).toBe(1), { timeout: 20_000 });
    expect(listener.frames[0]).toEqual({ type: 'dropped', count: 9, code: 'TOO_MANY_SUBSCRIPTIONS' });
    expect(listener.snapshots[0]!.sequence).toBe(9);
  });

  test('waits, but whoever comes or goes meanwhile misses nothing and gets nothing from before', () => {
    const { budget } = overBudget();
    const topics = topicsWith(budget);
    const first = join(topics, EVERYTHING);
    const [one, two] = encoded(randomTicks(1, 2)) as [EncodedSnapshot, EncodedSnapshot];
    topics.publish([one]);
    const second = join(topics, EVERYTHING);
    expect(first.snapshots.length).toBe(1);
    expect(second.snapshots.length).toBe(0);
    topics.publish([two]);
    const topic = topics.join(new Listener('msgpack').client, new Topic(EVERYTHING));
    topics.leave(first.client, topic);
    expect(first.snapshots.length).toBe(2);
    expect(second.snapshots.length).toBe(1);
  });

  test('is refused with a code, unless somebody has it already, until others leave', () => {
    const topics = topicsWith();
    const subscriptions = Array.from(
      { length: 100_000 },
      (_, index): Subscription => ({
        ...EVERYTHING,
        intervalMs: (2 + index) * TICK_MS + 1,
      }),
    );
    const places: (() => void)[] = [];
    const fill = (): void => {
      for (const subscription of subscriptions) {
        topics.requireRoom(subscription);
        places.push(topics.reserve(subscription));
      }
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'TOO_MANY_SUBSCRIPTIONS' }));
    expect(places.length).toBeGreaterThan(100);
    expect(() => topics.requireRoom(subscriptions[0]!)).not.toThrow();
    for (const leave of places) leave();
    expect(() => topics.requireRoom(EVERYTHING)).not.toThrow();
  });
});

test('snapshots are asked for as soon as somebody wants them, and no sooner', () => {
  const paces: (number | undefined)[] = [];
  const source = { intervalMs: TICK_MS, setPace: (paceMs: number | undefined) => void paces.push(paceMs) };
  const topics = new Topics(source, new WorkBudget(1, 10_000));
  const follow = (intervalMs: number): (() => void) => {
    const { client } = new Listener('msgpack');
    const topic = topics.join(client, new Topic({ ...EVERYTHING, intervalMs }));
    return () => topics.leave(client, topic);
  };
  const leaveSeconds = follow(1_000);
  const leaveOthers = follow(300);
  const leaveAll = follow(0);
  leaveAll();
  leaveOthers();
  leaveSeconds();
  expect(paces).toEqual([1_000, 100, 0, 100, 1_000, undefined]);
});
