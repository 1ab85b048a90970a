import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HzstatClient } from '../../src/client/index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Frame, LayoutFrame } from '../../src/wire/protocol/frames.ts';
import { RecordsDecoder } from '../../src/wire/records/records_decoder.ts';
import { temporaryDataDir } from '../support/history.ts';
import { type TestClient, TestServer } from '../support/server.ts';

const sequences = (snapshots: readonly Snapshot[]): number[] => snapshots.map(({ sequence }) => sequence);

function consecutive(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

describe.each(['memory', 'history'])('the stream, with the past in %s', (kind) => {
  let server: TestServer;
  let removeData = (): void => {};
  beforeAll(async () => {
    const data = temporaryDataDir();
    removeData = data.remove;
    const keep = kind === 'history' ? ['--data-dir', data.dataDir] : [];
    server = await TestServer.start(['--interval', '20ms', '--collectors', 'cpu,memory,network', ...keep]);
    const client = server.connect();
    await client.take(120);
    client.close();
  });
  afterAll(async () => {
    await server.stop();
    removeData();
  });

  test('sends what was before and then what comes, nothing left out and nothing twice', async () => {
    const client = server.connect('?since=2s');
    const snapshots = await client.take(200);
    expect(snapshots[0]!.sequence).toBeLessThan(snapshots[199]!.sequence - 100);
    expect(sequences(snapshots)).toEqual(consecutive(snapshots[0]!.sequence, 200));
    const ageMs = Date.now() - Date.parse(snapshots[0]!.timestamp);
    expect(ageMs).toBeGreaterThan(1_900);
    client.close();
  });

  test('begins behind a sequence number', async () => {
    const client = server.connect('?since=9');
    expect(sequences(await client.take(150))).toEqual(consecutive(10, 150));
    client.close();
  });

  test('begins behind a time, also for one that comes from another run', async () => {
    const probe = server.connect('?since=29');
    const [first, second] = await probe.take(2);
    probe.close();
    const query = [`?since=${first!.timestamp}`, `?since=123456789&run=another&after=${first!.timestamp}`];
    for (const since of query) {
      const client = server.connect(since);
      expect((await client.take(1))[0]).toEqual(second);
      client.close();
    }
  });

  test('thins out the past as it does the present', async () => {
    const client = server.connect('?since=0&interval=100ms&format=json');
    const snapshots = await client.take(30);
    for (const [index, snapshot] of snapshots.entries()) {
      const next = snapshots[index + 1];
      if (next !== undefined) expect(next.sequence - snapshot.sequence).toBeLessThanOrEqual(5);
    }
    expect(new Set(sequences(snapshots)).size).toBe(30);
    client.close();
  });

  test('is resumed by a client that was cut off twenty times, with every sequence number once', async () => {
    const proxy = await CuttingProxy.start(Number(new URL(server.url).port));
    let lost = 0;
    const client = await HzstatClient.connect({
      url: `http://127.0.0.1:${proxy.port}`,
      onDisconnect: () => lost++,
    });
    const seen: number[] = [];
    for await (const { sequence } of client) {
      seen.push(sequence);
      if (lost < 20 && seen.length % 7 === 0) proxy.cut();
      if (lost >= 20 && seen.length > 300) break;
    }
    client.close();
    await proxy.close();
    expect(seen).toEqual(consecutive(seen[0]!, seen.length));
  }, 60_000);
});

describe('an open stream', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(['--interval', '20ms', '--collectors', 'cpu,memory,network']);
  });
  afterAll(() => server.stop());

  const kinds = (client: TestClient): string[] => client.frames.map(({ type }) => type);

  test('changes what it sends when asked, and says so', async () => {
    const client = server.connect('?format=json');
    await client.take(3);
    client.socket.send(JSON.stringify({ type: 'subscribe', collectors: ['memory'], interval: '100ms' }));
    await client.until(() => kinds(client).includes('subscribed'));
    const at = kinds(client).indexOf('subscribed');
    expect(client.frames[at]).toEqual({
      type: 'subscribed',
      format: 'json',
      interval_ms: 100,
      collectors: ['memory'],
      aggregate: 'mean',
    });
    await client.until((frames) => frames.length > at + 4);
    const after = client.frames.slice(at + 1) as Snapshot[];
    for (const snapshot of after) {
      expect(snapshot).not.toHaveProperty('cpu');
      expect(snapshot).toHaveProperty('memory');
    }
    expect(after[2]!.sequence - after[1]!.sequence).toBe(5);
    // What is left out stays, null is the default again.
    client.socket.send(JSON.stringify({ type: 'subscribe', interval: null }));
    const isWhole = ({ type }: Frame): boolean => type === 'subscribed';
    await client.until((frames) => frames.filter(isWhole).length === 2);
    expect(client.frames.findLast(isWhole)).toMatchObject({ interval_ms: 20, collectors: ['memory'] });
    client.close();
  });

  test.each([
    ['no JSON', 'hello'],
    ['an unknown type', '{"type":"unsubscribe"}'],
    ['an interval that is none', '{"type":"subscribe","interval":"soon"}'],
    ['a collector there is none of', '{"type":"subscribe","collectors":["gpu"]}'],
    ['a format there is none of', '{"type":"subscribe","format":"xml"}'],
    ['a list', '[1]'],
    ['MessagePack that is none', Buffer.from([0xc1])],
  ])('says what is wrong with %s, and goes on as it was', async (_, message) => {
    const client = server.connect();
    await client.take(2);
    client.socket.send(message);
    await client.until(() => kinds(client).includes('error'));
    expect(client.frames.find(({ type }) => type === 'error')).toMatchObject({
      error: { code: 'BAD_REQUEST' },
    });
    const before = client.snapshots.length;
    const snapshots = await client.take(before + 3);
    expect(sequences(snapshots)).toEqual(consecutive(snapshots[0]!.sequence, snapshots.length));
    client.close();
  });

  test('tells the extremes within a longer interval', async () => {
    const every = server.connect();
    const thinned = server.connect('?interval=200ms&aggregate=minmax');
    const [, second, third] = await thinned.take(3);
    await every.until(() => every.snapshots.some(({ sequence }) => sequence >= third!.sequence));
    const within = every.snapshots.filter(
      ({ sequence }) => sequence > second!.sequence && sequence <= third!.sequence,
    );
    expect(within.length).toBeGreaterThan(5);
    const usage = within.map(({ cpu }) => cpu!.usage_percent);
    expect(third!.minimum).toMatchObject({ cpu: { usage_percent: Math.min(...usage) } });
    expect(third!.maximum).toMatchObject({ cpu: { usage_percent: Math.max(...usage) } });
    const used = within.map(({ memory }) => memory!.used_bytes);
    expect(third!.maximum).toMatchObject({ memory: { used_bytes: Math.max(...used) } });
    every.close();
    thinned.close();
  });

  test('says the same as records, in at most a third of the bytes', async () => {
    const plain = server.connect();
    const records = server.connect('?format=msgpack-records');
    const decoder = new RecordsDecoder();
    const decoded = new Map<number, unknown>();
    let bytes = 0;
    let plainBytes = 0;
    plain.socket.on('message', (data: Buffer) => {
      plainBytes = data.length;
    });
    records.socket.on('message', (data: Buffer) => {
      bytes = data.length;
    });
    const recordsOf = (): unknown[] => records.frames.filter(Array.isArray);
    await records.until(() => recordsOf().length >= 20);
    await plain.take(20);
    plain.close();
    records.close();
    for (const frame of records.frames) {
      if (Array.isArray(frame)) {
        const snapshot = decoder.decode(frame);
        decoded.set(Number(snapshot?.sequence), snapshot);
      } else if (frame.type === 'layout') decoder.learn(frame);
    }
    const common = plain.snapshots.filter(({ sequence }) => decoded.has(sequence));
    expect(common.length).toBeGreaterThan(10);
    for (const snapshot of common) expect(decoded.get(snapshot.sequence)).toEqual(snapshot);
    expect(bytes).toBeLessThanOrEqual(plainBytes / 3);
  });

  test('tells who asks for protocol 2 the kinds of the values, and who does not as before', async () => {
    const [one, two] = ['', '&protocol=2'].map((more) => server.connect(`?format=msgpack-records${more}`));
    const layoutOf = (client: TestClient): LayoutFrame | undefined =>
      client.frames.find((frame): frame is LayoutFrame => !Array.isArray(frame) && frame.type === 'layout');
    for (const client of [one!, two!]) await client.until(() => client.frames.some(Array.isArray));
    expect(one!.frames[0]).toMatchObject({ type: 'hello', protocol: 1 });
    expect(two!.frames[0]).toMatchObject({ type: 'hello', protocol: 2 });
    expect(layoutOf(one!)).not.toHaveProperty('kinds');
    const { fields, kinds = [] } = layoutOf(two!)!;
    expect(kinds).toHaveLength(fields.length);
    const inTotal = fields.findIndex((path) => path.at(-1) === 'in_total');
    expect(kinds[inTotal]).toBe('flag');
    two!.socket.send(JSON.stringify({ type: 'subscribe', protocol: 1 }));
    await two!.until((frames) => frames.some(({ type }) => type === 'subscribed'));
    one!.close();
    two!.close();
    const plain = server.connect('?protocol=2');
    await plain.take(1);
    expect(plain.frames[0]).toMatchObject({ protocol: 1 });
    plain.close();
  });

  test('is read as records by the client library, and asked, and changed', async () => {
    const client = await HzstatClient.connect({ url: server.url, format: 'msgpack-records', since: '1s' });
    const seen: Snapshot[] = [];
    for await (const snapshot of client) {
      seen.push(snapshot);
      if (seen.length === 10) {
        expect(await client.subscribe({ collectors: ['cpu'], format: 'msgpack-records' })).toMatchObject({
          collectors: ['cpu'],
        });
        await expect(client.subscribe({ interval: '1ms' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      }
      if (seen.length >= 10 && snapshot.memory === undefined) break;
    }
    expect(sequences(seen.slice(0, 10))).toEqual(consecutive(seen[0]!.sequence, 10));
    expect(seen[0]!.cpu?.per_core.length).toBeGreaterThan(0);
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'HISTORY_DISABLED' });
    client.close();
  });
});

/** Passes bytes on to a server, and cuts connections when told to. */
class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(target: number) {
    this.#server = createServer((inside) => {
      const outside = connect(target, '127.0.0.1');
      for (const socket of [inside, outside]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          inside.destroy();
          outside.destroy();
        });
      }
      inside.pipe(outside).pipe(inside);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
