import { decode } from '@msgpack/msgpack';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Sampling } from '../../../../src/model/snapshot.ts';
import type { PackedSnapshot } from '../../../../src/records/packed_snapshot.ts';
import { SnapshotPacker } from '../../../../src/records/snapshot_packer.ts';
import { StreamClient } from '../../../../src/server/clients/stream_client.ts';
import type { EngineSocket } from '../../../../src/server/engine/engine.ts';
import { WorkBudget } from '../../../../src/server/limits/work_budget.ts';
import type { Subscription } from '../../../../src/server/subscriptions/subscription.ts';
import { Topic } from '../../../../src/server/topics/topic.ts';
import { Topics } from '../../../../src/server/topics/topics.ts';
import { EncodedSnapshot } from '../../../../src/wire/encoded_snapshot.ts';
import { CLOSE_CODES } from '../../../../src/wire/protocol/close_codes.ts';
import type { Frame } from '../../../../src/wire/protocol/frames.ts';
import { RecordsDecoder } from '../../../../src/wire/records/records_decoder.ts';
import { START_MS, snapshotAt } from '../../../support/history.ts';

const RECORDS: Subscription = {
  format: 'msgpack-records',
  intervalMs: 0,
  collectors: undefined,
  aggregate: 'mean',
  protocol: 1,
  incidents: false,
};
const WITHOUT_COLLECTORS: Subscription = { ...RECORDS, collectors: [] };

const INTERVAL_MS = 100;

/** The other end of a connection: what it was sent it reads as a client of records does. */
class Reader implements EngineSocket {
  /** Unsent bytes, as the engine would tell. */
  bufferedBytes = 0;
  closedWith: number | undefined;
  layouts = 0;
  dropped = 0;
  readonly answers: string[] = [];
  readonly sequences: (number | undefined)[] = [];
  readonly client = new StreamClient(this, 'msgpack-records');
  readonly #decoder = new RecordsDecoder();

  cork(write: () => void): void {
    write();
  }

  end(code: number): void {
    this.closedWith = code;
  }

  catchUp(): void {
    this.bufferedBytes = 0;
    this.client.drained();
  }

  send(message: Uint8Array | string): void {
    const frame = decode(message as Uint8Array) as Frame | unknown[];
    if (Array.isArray(frame)) this.sequences.push(this.#read(frame));
    else if (frame.type === 'layout') {
      this.layouts++;
      this.#decoder.learn(frame);
    } else if (frame.type === 'dropped') this.dropped += frame.count;
    else this.answers.push(frame.type);
  }

  /** The sequence number of a record that says what it was made of. */
  #read(record: unknown[]): number | undefined {
    const snapshot = this.#decoder.decode(record);
    const { tick, interval_ms } = (snapshot?.sampling ?? {}) as Partial<Sampling>;
    return interval_ms === INTERVAL_MS && snapshot?.sequence === tick ? tick : undefined;
  }
}

const packer = new SnapshotPacker();
let sequence: number;
let topics: Topics;

beforeEach(() => {
  sequence = 0;
  topics = new Topics({ intervalMs: INTERVAL_MS, setPace: () => {} }, new WorkBudget(1, 1_000));
});

/** The next snapshot, with the only collector there is or without. */
function next(isLate: boolean): PackedSnapshot {
  const snapshot = snapshotAt(sequence, START_MS + sequence * INTERVAL_MS);
  sequence++;
  if (isLate) {
    delete snapshot.memory_bandwidth;
    snapshot.sampling.collectors.memory_bandwidth = { state: 'late', missed_ticks: 1 };
  }
  return packer.pack(snapshot);
}

function publish(isLate: boolean): void {
  topics.publish([new EncodedSnapshot(next(isLate))]);
}

test('is told of each layout once, however often they take turns', () => {
  const reader = new Reader();
  topics.join(reader.client, new Topic(RECORDS));
  for (let i = 0; i < 20; i++) publish(i % 2 === 1);
  expect(reader.sequences).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(reader.layouts).toBe(2);
});

test('understands what comes after a layout it was spared while it did not read', () => {
  const reader = new Reader();
  topics.join(reader.client, new Topic(RECORDS));
  publish(false);
  reader.bufferedBytes = 1e6;
  for (let i = 0; i < 4; i++) publish(true);
  reader.catchUp();
  publish(true);
  expect(reader.sequences).toEqual([0, 4, 5]);
  expect(reader.dropped).toBe(3);
});

test('joins others in the midst of layouts they were told long ago', () => {
  topics.join(new Reader().client, new Topic(RECORDS));
  publish(false);
  publish(true);
  const reader = new Reader();
  topics.join(reader.client, new Topic(RECORDS));
  for (const isLate of [false, true, false]) publish(isLate);
  expect(reader.sequences).toEqual([2, 3, 4]);
});

test('understands one topic after another, and the first again', () => {
  topics.join(new Reader().client, new Topic(RECORDS));
  const reader = new Reader();
  for (const subscription of [RECORDS, WITHOUT_COLLECTORS, RECORDS]) {
    reader.client.startOver();
    const topic = topics.join(reader.client, new Topic(subscription));
    publish(false);
    publish(true);
    topics.leave(reader.client, topic);
  }
  expect(reader.sequences).toEqual([0, 1, 2, 3, 4, 5]);
});

test('is answered while it is behind, and sent nothing of a topic it has left', () => {
  const reader = new Reader();
  const left = topics.join(reader.client, new Topic(RECORDS));
  reader.bufferedBytes = 1e6;
  for (let i = 0; i < 3; i++) publish(false);
  topics.leave(reader.client, left);
  reader.client.tell({ type: 'error', error: { code: 'BAD_REQUEST', message: 'no such format' } });
  expect(reader.answers).toEqual(['error']);
  reader.client.startOver();
  topics.join(reader.client, new Topic(WITHOUT_COLLECTORS));
  reader.catchUp();
  publish(false);
  expect(reader.sequences).toEqual([3]);
  expect(reader.dropped).toBe(3);
});

test('is let go when it never reads what it asks for', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const reader = new Reader();
  reader.bufferedBytes = 1e6;
  const ask = (): void => reader.client.tell({ type: 'error', error: { code: 'BAD_REQUEST', message: '' } });
  ask();
  expect(reader.closedWith).toBeUndefined();
  vi.advanceTimersByTime(60_000);
  ask();
  expect(reader.closedWith).toBe(CLOSE_CODES.tooSlow);
});

test('is not let go for a wait that ended when it asked for something else', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const reader = new Reader();
  reader.bufferedBytes = 1e5;
  const first = reader.client.canTakeMore();
  reader.client.startOver();
  const second = reader.client.canTakeMore();
  await expect(first).resolves.toBe(false);
  reader.catchUp();
  await expect(second).resolves.toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(reader.closedWith).toBeUndefined();
});

test('that catches up is sent more only when nothing is being kept from it', async () => {
  const reader = new Reader();
  reader.bufferedBytes = 1e6;
  reader.client.tell({ type: 'error', error: { code: 'BAD_REQUEST', message: '' } });
  let ready = false;
  const waiting = reader.client.canTakeMore().then(() => {
    ready = true;
  });
  reader.bufferedBytes = 10;
  reader.client.drained();
  await Promise.resolve();
  expect(ready).toBe(false);
  reader.catchUp();
  await waiting;
});

test('is not let go while it reads, however slowly', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const reader = new Reader();
  reader.bufferedBytes = 1e6;
  void reader.client.canTakeMore();
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(20_000);
    reader.bufferedBytes -= 1_000;
    reader.client.drained();
    reader.client.tell({ type: 'error', error: { code: 'BAD_REQUEST', message: '' } });
    expect(reader.closedWith).toBeUndefined();
  }
  vi.advanceTimersByTime(31_000);
  expect(reader.closedWith).toBe(CLOSE_CODES.tooSlow);
});
