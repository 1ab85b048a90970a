import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { type TestClient, TestServer } from '../support/server.ts';

const STALLED = 100;
const OTHERS = 10;
/** Long enough that the kernel's own buffers are full and the server's bound is reached. */
const SNAPSHOTS = 1_000;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start(['--interval', '20ms', '--collectors', 'cpu,memory,network,disk']);
});
afterAll(() => server.stop());

function droppedIn(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + (frame.type === 'dropped' ? frame.count : 0), 0);
}

async function memoryBytes(): Promise<number> {
  const { sampling } = await server.json('/snapshot');
  return (sampling as { memory_bytes: number }).memory_bytes;
}

test('a hundred clients that stop reading cost a bounded amount of memory, and nobody else a snapshot', async () => {
  const stalled = Array.from({ length: STALLED }, () => server.connect('?format=json'));
  await Promise.all(stalled.map((client) => client.take(1)));
  const others = Array.from({ length: OTHERS }, () => server.connect());
  await Promise.all(others.map((client) => client.take(1)));
  const before = await memoryBytes();
  for (const { socket } of stalled) socket.pause();

  await Promise.all(others.map((client) => client.take(SNAPSHOTS)));
  for (const { frames, snapshots } of others) {
    const first = snapshots[0]!.sequence;
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(snapshots.map((_, index) => first + index));
    expect(droppedIn(frames)).toBe(0);
  }
  const grown = (await memoryBytes()) - before;
  // A quarter of a megabyte each is the bound; the rest is the heap's own coming and going.
  expect(grown).toBeLessThan(STALLED * 300_000 + 40e6);

  const last = others[0]!.snapshots.at(-1)!.sequence;
  for (const { socket } of stalled) socket.resume();
  const isUpToDate = (client: TestClient): boolean => (client.snapshots.at(-1)?.sequence ?? 0) > last;
  await Promise.all(stalled.map((client) => client.until(() => isUpToDate(client))));
  // What was left out was told: received and dropped together are everything there was.
  for (const { frames, snapshots } of stalled) {
    const span = snapshots.at(-1)!.sequence - snapshots[0]!.sequence + 1;
    expect(snapshots.length + droppedIn(frames)).toBe(span);
  }
  expect(stalled.some(({ frames }) => droppedIn(frames) > 0)).toBe(true);
  for (const client of [...stalled, ...others]) client.close();
}, 180_000);
