import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { monotonicNs } from '../../src/base/clock.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { temporaryDataDir } from '../support/history.ts';
import { TestServer } from '../support/server.ts';

// How often the main thread is woken: as often as somebody needs it.

const INTERVAL_MS = 20;
/** About one second in which the journal grows once, and a collector's layout may change on the way. */
const MOST_WAKE_UPS = 20;

let server: TestServer;
let journals: string;
let remove: () => void;

beforeEach(async () => {
  const directory = temporaryDataDir();
  remove = directory.remove;
  journals = join(directory.dataDir, 'journal');
  server = await TestServer.start(['--interval', `${INTERVAL_MS}ms`, '--data-dir', directory.dataDir]);
});

afterEach(async () => {
  await server.stop();
  remove();
});

/** How often the main thread has gone to sleep since it began. */
function wakeUps(): number {
  const { pid } = server.process;
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'latin1');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
}

const journalled = (): number =>
  readdirSync(journals).reduce((sum, name) => sum + statSync(join(journals, name)).size, 0);

/** Waits until the journal has grown. */
async function growth(): Promise<void> {
  const before = journalled();
  await vi.waitFor(() => expect(journalled()).not.toBe(before), { timeout: 20_000, interval: 10 });
}

test('nobody connected, it records about once a second and sleeps otherwise', async () => {
  // What the start brings is over: layouts, sources, the first look at the host.
  for (let i = 0; i < 3; i++) await growth();
  const counts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = wakeUps();
    await growth();
    counts.push(wakeUps() - before);
  }
  expect(Math.min(...counts)).toBeLessThan(MOST_WAKE_UPS);
  // Who asks sees the present all the same.
  const { sampling } = (await server.json('/snapshot')) as unknown as Snapshot;
  expect(monotonicNs() / 1e6 - sampling.tick * INTERVAL_MS).toBeLessThan(500);
});

test('a client that wants everything has each snapshot at once, one that wants less has it in time', async () => {
  const everything = server.connect();
  await everything.take(20);
  const before = wakeUps();
  const snapshots = await everything.take(70);
  expect(wakeUps() - before).toBeGreaterThan(25);
  const ticks = snapshots.map(({ sampling }) => sampling.tick);
  expect(ticks.at(-1)! - ticks[0]!).toBeGreaterThanOrEqual(69);
  everything.close();
  const seldom = server.connect('?interval=200ms');
  const thinned = await seldom.take(5);
  const ages = thinned.map(({ sampling }) => (sampling.tick + 1) % (200 / INTERVAL_MS));
  // The first may be of an interval that had begun before; of the others each ends where its interval ends.
  expect(ages.slice(1).filter((rest) => rest !== 0).length).toBeLessThanOrEqual(1);
  seldom.close();
});
