import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snapshot } from '../../src/shared/snapshot.ts';
import { type TestClient, TestServer } from '../support/server.ts';

const CROWD = 1_000;
const AT_A_TIME = 100;
/** The governor looks for five seconds, after another five to warm up. */
const LONG_TICKS = 150;

let server: TestServer;
let onlooker: TestClient;
beforeAll(async () => {
  server = await TestServer.start(['--interval', '100ms', '--budget', '6%']);
  onlooker = server.connect('?collectors=cpu,memory');
  await onlooker.take(20);
});
afterAll(() => server.stop());

/** How the sampler fares while something happens. */
async function during(happening: () => Promise<void>): Promise<{ missedShare: number; lateShare: number }> {
  const before = onlooker.snapshots.length;
  await happening();
  await onlooker.take(onlooker.snapshots.length + 1);
  const snapshots = onlooker.snapshots.slice(before - 1);
  const first: Snapshot = snapshots[0]!;
  const last: Snapshot = snapshots.at(-1)!;
  expect(snapshots.map(({ sequence }) => sequence)).toEqual(
    snapshots.map((_, index) => first.sequence + index),
  );
  const ticks = last.sampling.tick - first.sampling.tick;
  return {
    missedShare: (last.sampling.missed_ticks - first.sampling.missed_ticks) / ticks,
    lateShare: Math.max(...snapshots.map(({ sampling }) => sampling.lateness_ms / sampling.interval_ms)),
  };
}

/** Connects, asks, reads the answer and goes, or stays. */
async function visit(stays: boolean): Promise<() => void> {
  const { hostname, port, host } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /collectors HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const [answer]: Buffer[] = await once(socket, 'data');
  expect(answer?.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /);
  if (!stays) socket.destroy();
  return () => socket.destroy();
}

test('a thousand connections at once do not disturb the tick', async () => {
  const crowd = await during(async () => {
    const leave: (() => void)[] = [];
    for (let come = 0; come < CROWD; come += AT_A_TIME) {
      leave.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, () => visit(true)))));
    }
    expect(await server.json('/health')).toMatchObject({ status: 'ok' });
    for (const go of leave) go();
  });
  expect(crowd.missedShare).toBeLessThan(0.1);
  expect(crowd.lateShare).toBeLessThan(1);
});

test('nor do crowds that come and go, for longer than the budget would bear', async () => {
  const crowd = await during(async () => {
    const first = onlooker.snapshots.at(-1)!.sampling.tick;
    while (onlooker.snapshots.at(-1)!.sampling.tick - first < LONG_TICKS) {
      await Promise.all(Array.from({ length: AT_A_TIME }, () => visit(false)));
    }
  });
  expect(crowd.missedShare).toBeLessThan(0.1);
  expect(crowd.lateShare).toBeLessThan(1);
  const { budget, interval_ms } = onlooker.snapshots.at(-1)!.sampling;
  expect(budget).toMatchObject({ limit_percent: 6, changes: 0 });
  expect(interval_ms).toBe(100);
});
