import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { type TestClient, TestServer } from '../support/server.ts';

const CROWD = 1_000;
const AT_A_TIME = 100;
/** The governor looks for five seconds, after another five to warm up. */
const LONG_TICKS = 150;
/** More than the control server missed: what the load on the machine alone costs differs from one to the other. */
const TOLERATED_SHARE = 0.1;

let server: TestServer;
let onlooker: TestClient;
/** The same at the same time without the crowd: what a busy machine costs is not the crowd's doing. */
let control: TestServer;
let undisturbed: TestClient;
beforeAll(async () => {
  const args = ['--interval', '100ms', '--budget', '6%'];
  server = await TestServer.start(args);
  control = await TestServer.start([...args.slice(0, 2), '--budget', 'off']);
  onlooker = server.connect('?collectors=cpu,memory');
  undisturbed = control.connect('?collectors=cpu,memory');
  await Promise.all([onlooker.take(20), undisturbed.take(20)]);
});
afterAll(() => Promise.all([server.stop(), control.stop()]));

/** Of the ticks from a snapshot on, the share that was missed. Every snapshot taken has arrived, in order. */
function missedShare(snapshots: readonly Snapshot[]): number {
  const first = snapshots[0]!;
  const last = snapshots.at(-1)!;
  expect(snapshots.map(({ sequence }) => sequence)).toEqual(
    snapshots.map((_, index) => first.sequence + index),
  );
  const ticks = last.sampling.tick - first.sampling.tick;
  return (last.sampling.missed_ticks - first.sampling.missed_ticks) / ticks;
}

/** Runs something against the server, and holds its ticks against those of the one without. */
async function expectTicksUndisturbedBy(crowd: () => Promise<void>): Promise<void> {
  const seen = onlooker.snapshots.length - 1;
  const seenUndisturbed = undisturbed.snapshots.length - 1;
  await crowd();
  await onlooker.take(onlooker.snapshots.length + 5);
  const missed = missedShare(onlooker.snapshots.slice(seen));
  expect(missed).toBeLessThan(missedShare(undisturbed.snapshots.slice(seenUndisturbed)) + TOLERATED_SHARE);
}

/** Connects, asks, reads the answer and stays; of what comes too fast some is cut, which is an answer too. */
async function visit(): Promise<{ answer: string; leave: () => void }> {
  const { hostname, port, host } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`GET /collectors HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  let answer = '';
  socket.on('data', (data: Buffer) => {
    answer += data.toString('latin1');
  });
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve());
    socket.once('close', () => resolve());
  });
  return { answer, leave: () => socket.destroy() };
}

test('a thousand connections at once do not disturb the tick', async () => {
  await expectTicksUndisturbedBy(async () => {
    const visitors = [];
    for (let come = 0; come < CROWD; come += AT_A_TIME) {
      visitors.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, visit))));
    }
    for (const { answer } of visitors) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await server.json('/health')).toMatchObject({ status: 'ok' });
    for (const { leave } of visitors) leave();
  });
});

test('nor do crowds that come and go, for longer than the budget would bear', async () => {
  await expectTicksUndisturbedBy(async () => {
    const first = onlooker.snapshots.at(-1)!.sampling.tick;
    while (onlooker.snapshots.at(-1)!.sampling.tick - first < LONG_TICKS) {
      for (const { leave } of await Promise.all(Array.from({ length: AT_A_TIME }, visit))) leave();
    }
  });
  const { budget, interval_ms } = onlooker.snapshots.at(-1)!.sampling;
  expect(budget).toMatchObject({ limit_percent: 6, changes: 0 });
  expect(interval_ms).toBe(100);
});
