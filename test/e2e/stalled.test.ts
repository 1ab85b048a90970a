import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TestServer } from '../support/server.ts';

const STALLED = 100;
const OTHERS = 10;
/** Long enough that the kernel's own buffers are full and the server's bound is reached. */
const SNAPSHOTS = 1_400;
const WARM_UP = 400;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start(['--interval', '20ms', '--collectors', 'all']);
});
afterAll(() => server.stop());

/** A client that remembers of each frame only what is counted here. */
class CountingClient {
  readonly sequences: number[] = [];
  readonly socket: WebSocket;
  dropped = 0;
  #wake = (): void => {};

  constructor() {
    this.socket = new WebSocket(`${server.url.replace('http', 'ws')}/stream?format=json`);
    this.socket.on('message', (data: Buffer) => {
      // The beginning of a frame is enough, and a hundred thousand of them whole would be gigabytes.
      const beginning = data.toString('latin1', 0, 60);
      const sequence = /^\{"type":"snapshot","sequence":(\d+)/.exec(beginning)?.[1];
      if (sequence !== undefined) this.sequences.push(Number(sequence));
      this.dropped += Number(/^\{"type":"dropped","count":(\d+)/.exec(beginning)?.[1] ?? 0);
      this.#wake();
    });
  }

  get last(): number {
    return this.sequences.at(-1) ?? -1;
  }

  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function memoryBytes(): Promise<number> {
  const { sampling } = await server.json('/snapshot');
  return (sampling as { memory_bytes: number }).memory_bytes;
}

test('a hundred clients that stop reading cost a bounded amount of memory, and nobody else a snapshot', async () => {
  const stalled = Array.from({ length: STALLED }, () => new CountingClient());
  const others = Array.from({ length: OTHERS }, () => new CountingClient());
  // What a server takes that has just begun says nothing about clients.
  const isWarm = ({ sequences }: CountingClient): boolean => sequences.length >= WARM_UP;
  await Promise.all([...stalled, ...others].map((client) => client.until(() => isWarm(client))));
  const before = await memoryBytes();
  for (const { socket } of stalled) socket.pause();

  await Promise.all(others.map((client) => client.until(() => client.sequences.length >= SNAPSHOTS)));
  for (const { sequences, dropped } of others) {
    expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
    expect(dropped).toBe(0);
  }
  const grown = (await memoryBytes()) - before;
  // An eighth of a megabyte each is the bound, in strings that grow by doubling; the rest is what the heap and the
  // minute kept in memory take. Without a bound it would be a gigabyte.
  expect(grown).toBeLessThan(STALLED * 600_000 + 50e6);

  const last = others[0]!.last;
  for (const { socket } of stalled) socket.resume();
  await Promise.all(stalled.map((client) => client.until(() => client.last > last)));
  // What was left out was told: received and dropped together are everything there was.
  for (const { sequences, dropped } of stalled) {
    expect(sequences.length + dropped).toBe(sequences.at(-1)! - sequences[0]! + 1);
  }
  expect(stalled.some(({ dropped }) => dropped > 0)).toBe(true);
  for (const { socket } of [...stalled, ...others]) socket.close();
}, 180_000);
