import { decode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { momentOf } from '../../../../src/base/timestamps.ts';
import { PackedSnapshot } from '../../../../src/records/packed_snapshot.ts';
import { Packer } from '../../../../src/records/packer.ts';
import { slotsOfParts } from '../../../../src/records/parts.ts';
import type { Position } from '../../../../src/records/position.ts';
import { StreamClient } from '../../../../src/server/clients/stream_client.ts';
import type { EngineSocket } from '../../../../src/server/engine/engine.ts';
import { WorkBudget } from '../../../../src/server/limits/work_budget.ts';
import { RecentSnapshots } from '../../../../src/server/source/recent_snapshots.ts';
import { catchUp, type SnapshotStore } from '../../../../src/server/stream/catch_up.ts';
import { CatchUpLine } from '../../../../src/server/stream/catch_up_line.ts';
import type { Subscription } from '../../../../src/server/subscriptions/subscription.ts';
import { Topic } from '../../../../src/server/topics/topic.ts';

const START_MS = Date.UTC(2026, 0, 5);
const packers = { cpu: new Packer(), sampling: new Packer() };

function timestampOf(sequence: number): string {
  return new Date(START_MS + sequence * 100).toISOString().replace('Z', '000Z');
}

/** Snapshots of five hundred numbers each, which is more than most real ones have. */
function snapshots(from: number, to: number): PackedSnapshot[] {
  return Array.from({ length: to - from }, (_, index) => {
    const sequence = from + index;
    const cpu = packers.cpu.pack({ usage_percent: 1 / 3, per_core: new Array(500).fill(sequence) });
    const sampling = packers.sampling.pack({ tick: sequence, interval_ms: 100, collectors: {} });
    const parts = new Map([
      ['cpu', cpu],
      ['sampling', sampling],
    ]);
    return new PackedSnapshot(sequence, momentOf(timestampOf(sequence)), parts);
  });
}

/** A store that holds snapshots of this run, or of another one, and loses those below a number. */
function storeOf(all: readonly PackedSnapshot[], own = true): SnapshotStore {
  return {
    async *snapshotsAfter(position: Position) {
      const wanted = all.filter(({ sequence, timestamp }) =>
        'sequence' in position ? sequence > position.sequence : timestamp > position.timestamp,
      );
      for (let at = 0; at < wanted.length; at += 100) {
        await new Promise(setImmediate);
        yield wanted.slice(at, at + 100).map((snapshot) => ({ snapshot, own }));
      }
    },
  };
}

/** A socket whose other end reads only when told to. */
class SlowSocket implements EngineSocket {
  readonly received: { type: string; sequence?: number; missing?: number | null }[] = [];
  mostBuffered = 0;
  ended: number | undefined;
  #buffered = 0;

  send(message: Uint8Array | string): void {
    this.received.push(typeof message === 'string' ? JSON.parse(message) : decode(message));
    this.#buffered += message.length;
    this.mostBuffered = Math.max(this.mostBuffered, this.#buffered);
  }

  get bufferedBytes(): number {
    return this.#buffered;
  }

  cork(write: () => void): void {
    write();
  }

  end(code: number): void {
    this.ended = code;
  }

  read(): void {
    this.#buffered = 0;
  }
}

const EVERYTHING: Subscription = {
  format: 'msgpack',
  intervalMs: 0,
  collectors: undefined,
  aggregate: 'mean',
  protocol: 1,
  incidents: false,
};

async function follow(
  since: Position,
  recent: RecentSnapshots,
  store?: SnapshotStore,
  onTurn = (): void => {},
) {
  const socket = new SlowSocket();
  const client = new StreamClient(socket, 'msgpack');
  const topic = new Topic(EVERYTHING);
  let joinedAt: number | undefined;
  const done = catchUp(
    client,
    topic,
    since,
    { recent, store, line: new CatchUpLine(new WorkBudget(1, 1_000)), drain: () => {}, isWanted: () => true },
    () => {
      joinedAt = recent.after({ sequence: -1 }, Number.MAX_SAFE_INTEGER).at(-1)?.sequence;
    },
  );
  let running = true;
  void done.finally(() => {
    running = false;
  });
  while (running) {
    await new Promise(setImmediate);
    onTurn();
    socket.read();
    client.drained();
  }
  const sequences = socket.received.flatMap(({ sequence }) => sequence ?? []);
  return { socket, sequences, joinedAt };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function recentFrom(from: number, to: number): RecentSnapshots {
  const recent = new RecentSnapshots();
  recent.add(snapshots(from, to));
  return recent;
}

describe('a client that catches up', () => {
  test('gets what memory has, at its own pace, and joins behind the last', async () => {
    const { sequences, joinedAt, socket } = await follow({ sequence: 4 }, recentFrom(0, 1_000));
    expect(sequences).toEqual(range(5, 1_000));
    expect(joinedAt).toBe(999);
    // No more than one helping lies in the buffer at a time.
    expect(socket.mostBuffered).toBeLessThan(400_000);
  });

  test('gets what comes meanwhile before it joins', async () => {
    const recent = recentFrom(0, 500);
    let next = 500;
    const { sequences, joinedAt } = await follow({ sequence: -1 }, recent, undefined, () => {
      if (next < 600) recent.add(snapshots(next, ++next));
    });
    expect(sequences).toEqual(range(0, joinedAt! + 1));
    expect(joinedAt).toBeGreaterThan(500);
  });

  test('gets from the store what memory has forgotten, without a seam', async () => {
    const { sequences } = await follow(
      { sequence: 99 },
      recentFrom(900, 1_000),
      storeOf(snapshots(0, 1_000)),
    );
    expect(sequences).toEqual(range(100, 1_000));
  });

  test('gets by time what an earlier run recorded, and then what this one has', async () => {
    const { sequences, socket } = await follow(
      { timestamp: timestampOf(9) },
      recentFrom(30, 40),
      storeOf(snapshots(0, 30), false),
    );
    expect(sequences).toEqual(range(10, 40));
    expect(socket.received.every(({ type }) => type === 'snapshot')).toBe(true);
  });

  test.each([
    ['nobody keeps any more', undefined, 400],
    ['the store has given up', storeOf(snapshots(300, 500)), 300],
  ])('is told what %s', async (_, store, first) => {
    const { socket, sequences } = await follow({ sequence: 99 }, recentFrom(400, 500), store);
    expect(socket.received[0]).toMatchObject({ type: 'gap', missing: first - 100 });
    expect(sequences).toEqual(range(first, 500));
  });

  test('is told that nothing is kept from the time it asked for', async () => {
    const since = { timestamp: timestampOf(100) };
    const { socket } = await follow(since, recentFrom(400, 500), storeOf(snapshots(300, 500)));
    expect(socket.received[0]).toMatchObject({ type: 'gap', missing: null });
    expect(socket.received[1]).toMatchObject({ sequence: 300 });
  });

  test('that came before anything joins at once', async () => {
    const { sequences } = await follow({ sequence: -1 }, new RecentSnapshots());
    expect(sequences).toEqual([]);
  });
});

describe('clients that do not read while they catch up', () => {
  test('hold up nobody else, and go on where they were when they read', async () => {
    const all = snapshots(0, 2_000);
    const line = new CatchUpLine(new WorkBudget(1, 10_000));
    const begin = () => {
      const socket = new SlowSocket();
      const client = new StreamClient(socket, 'msgpack');
      const topic = new Topic(EVERYTHING);
      const recent = new RecentSnapshots();
      recent.add(all.slice(1_950));
      const sources = { recent, store: storeOf(all), line, drain: () => {}, isWanted: () => true };
      const done = catchUp(client, topic, { sequence: 9 }, sources, () => {});
      const read = (): void => {
        socket.read();
        client.drained();
      };
      return {
        client,
        done,
        read,
        sequences: () => socket.received.flatMap(({ sequence }) => sequence ?? []),
      };
    };
    const stalled = Array.from({ length: 8 }, begin);
    const reader = begin();
    const until = async (over: Promise<void>, readers: readonly { read: () => void }[]): Promise<void> => {
      let isOver = false;
      void over.then(() => {
        isOver = true;
      });
      while (!isOver) {
        await new Promise(setImmediate);
        for (const { read } of readers) read();
      }
    };
    await until(reader.done, [reader]);
    expect(reader.sequences()).toEqual(range(10, 2_000));
    for (const { sequences } of stalled) expect(sequences().length).toBeLessThan(200);
    await until(
      Promise.all(stalled.map(({ done }) => done)).then(() => {}),
      stalled,
    );
    for (const { sequences } of stalled) expect(sequences()).toEqual(range(10, 2_000));
  });
});

describe('clients that want the same from the same place on', () => {
  async function together(count: number, wants: Partial<Subscription>, since: (index: number) => Position) {
    const all = snapshots(0, 1_000);
    let reads = 0;
    const inner = storeOf(all);
    const store: SnapshotStore = {
      snapshotsAfter(position) {
        reads++;
        return inner.snapshotsAfter(position);
      },
    };
    const line = new CatchUpLine(new WorkBudget(1, 10_000));
    const recent = new RecentSnapshots();
    recent.add(all.slice(950));
    const clients = Array.from({ length: count }, (_, index) => {
      const socket = new SlowSocket();
      const client = new StreamClient(socket, 'msgpack');
      const topic = new Topic({ ...EVERYTHING, ...wants });
      const sources = { recent, store, line, drain: () => {}, isWanted: () => true };
      return { socket, client, done: catchUp(client, topic, since(index), sources, () => {}) };
    });
    let isOver = false;
    void Promise.all(clients.map(({ done }) => done)).then(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(setImmediate);
      for (const { socket, client } of clients) {
        socket.read();
        client.drained();
      }
    }
    const sequences = clients.map(({ socket }) => socket.received.flatMap(({ sequence }) => sequence ?? []));
    return { reads, sequences };
  }

  test('share one reader', async () => {
    const { reads, sequences } = await together(30, {}, () => ({ sequence: 99 }));
    expect(reads).toBe(1);
    for (const sequence of sequences) expect(sequence).toEqual(range(100, 1_000));
  });

  test('and those that want something else have one of their own', async () => {
    const { reads, sequences } = await together(8, {}, (index) => ({ sequence: 100 + index }));
    expect(reads).toBe(8);
    for (const [index, sequence] of sequences.entries()) expect(sequence).toEqual(range(101 + index, 1_000));
    const json = await together(6, { format: 'json' }, () => ({ sequence: 99 }));
    expect(json.reads).toBe(1);
    const thinned = await together(6, { intervalMs: 200 }, () => ({ sequence: 99 }));
    expect(thinned.reads).toBe(6);
    expect(new Set(thinned.sequences.map((sequence) => sequence.join())).size).toBe(1);
  });
});

describe('what is kept in memory', () => {
  test('is bounded by its size', () => {
    const recent = new RecentSnapshots();
    for (let from = 0; from < 10_000; from += 1_000) recent.add(snapshots(from, from + 1_000));
    const kept = recent.after({ sequence: -1 }, 20_000);
    expect(kept.reduce((sum, { parts }) => sum + slotsOfParts(parts) * 8, 0)).toBeLessThan(9 * 1024 * 1024);
    expect(kept.at(-1)!.sequence).toBe(9_999);
    expect(kept.map(({ sequence }) => sequence)).toEqual(range(kept[0]!.sequence, 10_000));
    expect(recent.reachesBackTo({ sequence: 10 })).toBe(false);
    expect(recent.reachesBackTo({ sequence: kept[0]!.sequence - 1 })).toBe(true);
  });
});
