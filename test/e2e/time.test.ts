import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { TestServer } from '../support/server.ts';

const INTERVAL_MS = 100;
const STOPPED_MS = 4_000;

const burners: ChildProcess[] = [];
afterEach(() => {
  for (const burner of burners.splice(0)) burner.kill('SIGKILL');
});

/** Every number below these keys, which are rates and shares of time. */
function* ratesOf(value: unknown, path = ''): Iterable<[string, number]> {
  if (typeof value === 'number' && /_per_sec$|_percent$|per_core/.test(path)) yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    // In an array the key is a number, and what it is stands before it.
    yield* ratesOf(item, Array.isArray(value) ? path : `${path}.${key}`);
  }
}

const startNs = ({ sampling }: Snapshot): number =>
  (sampling.tick * sampling.interval_ms + sampling.lateness_ms) * 1e6;

/** What must hold however late the sampler is. */
function expectOrderly(snapshots: readonly Snapshot[]): void {
  for (const [index, { sequence, timestamp, sampling, ...data }] of snapshots.entries()) {
    for (const [path, rate] of ratesOf(data)) {
      expect(rate, `${path} of ${timestamp}`).toBeGreaterThanOrEqual(0);
      // 10 Tbit/s, and more than any kernel handles of anything.
      expect(rate, `${path} of ${timestamp}`).toBeLessThan(
        /percent|per_core$/.test(path) ? 100.001 : 1.25e12,
      );
    }
    const before = snapshots[index - 1];
    if (before === undefined) continue;
    expect(sequence).toBe(before.sequence + 1);
    expect(sampling.tick).toBeGreaterThan(before.sampling.tick);
    expect(Date.parse(timestamp)).toBeGreaterThan(Date.parse(before.timestamp));
    // A tick is missing where one was missed, and nowhere else.
    const missed = sampling.missed_ticks - before.sampling.missed_ticks;
    expect(sampling.tick - before.sampling.tick).toBe(1 + missed);
    for (const [name, state] of Object.entries(sampling.collectors)) {
      if (state.state !== 'ok') continue;
      const { elapsed_ms: elapsed = sampling.interval_ms } = state;
      expect(elapsed, name).toBeGreaterThan(sampling.interval_ms / 8);
    }
  }
}

test('a stopped process goes on in order, with one gap and no burst', async () => {
  const server = await TestServer.start(['--interval', `${INTERVAL_MS}ms`]);
  const client = server.connect();
  await client.take(10);
  const seen = client.snapshots.length;
  server.process.kill('SIGSTOP');
  await delay(STOPPED_MS);
  server.process.kill('SIGCONT');
  const snapshots = await client.take(seen + 15);
  client.close();
  await server.stop();
  expectOrderly(snapshots);
  const states = snapshots.slice(seen).map(({ sampling }) => sampling.collectors.cpu);
  const last = states.findLast((state) => state?.state === 'ok');
  expect(last).toMatchObject({ sources: { per_core: { source: expect.any(String) } } });
  const gaps = snapshots.slice(1).map((next, index) => next.sampling.tick - snapshots[index]!.sampling.tick);
  const longest = Math.max(...gaps);
  const after = gaps.indexOf(longest) + 1;
  expect(longest * INTERVAL_MS).toBeGreaterThan(STOPPED_MS * 0.8);
  // The rates of the first sample after it cover the gap, by their own account.
  const { cpu } = snapshots[after]!.sampling.collectors;
  if (cpu?.state === 'ok') expect(cpu.elapsed_ms).toBeGreaterThan(STOPPED_MS * 0.8);
  // Nothing is made up for: as many snapshots afterwards as there were ticks.
  const rest = snapshots.slice(after);
  const tickedNs = (rest.at(-1)!.sampling.tick - rest[0]!.sampling.tick) * INTERVAL_MS * 1e6;
  expect(startNs(rest.at(-1)!) - startNs(rest[0]!)).toBeGreaterThan(tickedNs - INTERVAL_MS * 1e6);
});

test('a starved sampler tells of fewer ticks, but of no wrong ones', async () => {
  const server = await TestServer.start(['--interval', '20ms']);
  const client = server.connect();
  await client.take(10);
  for (let i = 0; i < 4 * availableParallelism(); i++) {
    burners.push(spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }));
  }
  const starved = await client.take(client.snapshots.length + 150);
  for (const burner of burners.splice(0)) burner.kill('SIGKILL');
  await client.take(starved.length + 20);
  client.close();
  await server.stop();
  expectOrderly(client.snapshots);
  const cores = starved.slice(-50).flatMap(({ cpu }) => cpu?.per_core ?? []);
  const busy = cores.filter((usage) => usage !== null && usage > 90);
  expect(busy.length).toBeGreaterThan(0.8 * cores.length);
});
