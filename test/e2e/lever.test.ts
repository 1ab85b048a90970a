import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestClient, TestServer } from '../support/server.ts';

/** Seconds in which the whole process is far over its budget: five in a row were enough to slow sampling down. */
const SECONDS_OVER = 8;
const MOST_SECONDS = 60;
const LIMIT_PERCENT = 6;
const SINCE_AT_ONCE = 9;
/** Longer than the window the governor judges by. */
const SECONDS_OF_LOAD = 40;
const STATEMENT_MS = 4_000;

const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-lever-'));
let server: TestServer;
let onlooker: TestClient;
beforeAll(async () => {
  server = await TestServer.start(['--data-dir', dataDir, '--budget', `${LIMIT_PERCENT}%`]);
  onlooker = server.connect('?collectors=memory');
  // Ten seconds of warm-up, in which the governor does not look.
  await onlooker.take(100);
});
afterAll(async () => {
  onlooker.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Keeps asking until as many seconds were far over budget as it takes, and tells how many those were. */
async function secondsOver(ask: () => Promise<unknown>): Promise<number> {
  const first = onlooker.snapshots.length;
  const begin = onlooker.snapshots.at(-1)!.sampling.tick;
  const over = (): number => {
    const seconds = onlooker.snapshots.slice(first).map(({ sampling }) => sampling.cpu_percent ?? 0);
    // The figure is of a second, and stands in the ten snapshots of it.
    return seconds.filter((percent) => percent > 2 * LIMIT_PERCENT).length / 10;
  };
  while (over() < SECONDS_OVER && onlooker.snapshots.at(-1)!.sampling.tick - begin < MOST_SECONDS * 10) {
    await ask();
  }
  return over();
}

test.each([
  [
    'catching up',
    async () => {
      const clients = Array.from({ length: SINCE_AT_ONCE }, () => server.connect('?since=10m&format=json'));
      await Promise.all(clients.map((client) => client.take(100)));
      for (const client of clients) client.close();
    },
  ],
  ['requests', () => Promise.all(Array.from({ length: 50 }, () => server.json('/snapshot')))],
])(
  '%s cost what they cost, and the sampler not one sample',
  async (_, ask) => {
    expect(await secondsOver(ask)).toBeGreaterThanOrEqual(SECONDS_OVER);
    const { interval_ms, budget } = onlooker.snapshots.at(-1)!.sampling;
    expect(interval_ms).toBe(100);
    expect(budget).toMatchObject({ changes: 0 });
  },
  180_000,
);

/** What keeps a core busy until it is ended, and asks for a hundred million rows on the way. */
const HOSTILE = 'SELECT count(*), max(a.range * b.range) FROM range(100000) a, range(100000) b';

test('hostile SQL and a machine that has no time cost the sampler not one sample, by its own budget', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hzstat-lever-'));
  const usual = await TestServer.start(['--data-dir', data, '--budget', '2%']);
  const client = usual.connect('?collectors=memory');
  await client.take(100);
  const first = client.snapshots.at(-1)!.sampling.tick;
  const isOver = (): boolean => client.snapshots.at(-1)!.sampling.tick - first >= SECONDS_OF_LOAD * 10;
  const load = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const askers = Array.from({ length: 3 }, async () => {
    while (!isOver()) {
      const ended = new AbortController();
      const patience = setTimeout(() => ended.abort(), STATEMENT_MS);
      await usual
        .fetch('/query', { method: 'POST', body: HOSTILE, signal: ended.signal })
        .then((answer) => answer.text())
        .catch(() => {});
      clearTimeout(patience);
    }
  });
  await client.until(isOver);
  for (const child of load) child.kill('SIGKILL');
  await Promise.all(askers);
  const { interval_ms, budget } = client.snapshots.at(-1)!.sampling;
  client.close();
  await usual.stop();
  rmSync(data, { recursive: true, force: true });
  expect(interval_ms).toBe(100);
  expect(budget).toMatchObject({ limit_percent: 2, changes: 0 });
}, 180_000);
