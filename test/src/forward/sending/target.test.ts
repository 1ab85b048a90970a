import { afterEach, expect, test } from 'vitest';
import { HeldSnapshots, MemorySource } from '../../../../src/forward/reading/memory_source.ts';
import type { Progress } from '../../../../src/forward/sending/cursor.ts';
import type { RemoteWriteSettings } from '../../../../src/forward/sending/settings.ts';
import { Target } from '../../../../src/forward/sending/target.ts';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../../../src/records/snapshot_packer.ts';
import { START_MS, snapshotAt } from '../../../support/history.ts';
import { type Answer, TestReceiver } from '../../../support/receiver.ts';

let receiver: TestReceiver | undefined;
afterEach(() => receiver?.stop());

const SETTINGS: RemoteWriteSettings = {
  urls: [],
  intervalMs: 1_000,
  full: ['memory_bandwidth.*', 'network.*'],
  labels: { host: 'h' },
  user: undefined,
  passwordFile: undefined,
  tokenFile: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  headers: [],
  dataDir: undefined,
  keptBytes: 0,
  version: '0',
};

/** Sends so many seconds of snapshots, ten a second, and ends; returns what was said and how far it got. */
async function sendAll(
  seconds: number,
  answer: (number: number) => Answer,
  change: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot,
) {
  receiver = await TestReceiver.start((_, number) => answer(number));
  const held = new HeldSnapshots(1e9, 1e12);
  const batch = new SnapshotBatch();
  const packer = new SnapshotPacker();
  for (let i = 0; i < 10 * seconds; i++) batch.add(packer.pack(change(snapshotAt(i, START_MS + 100 * i))));
  held.add(batch.take());
  const said: string[] = [];
  const kept: Progress[] = [];
  const target = new Target(
    receiver.url,
    SETTINGS,
    new MemorySource(held),
    { sinceUs: START_MS * 1_000 },
    {
      say: (message) => said.push(message),
      keep: (progress) => kept.push(progress),
      changed: () => {},
    },
  );
  const running = target.run();
  // Nothing more will come, but for the end there is time until everything is there.
  await receiver.until(
    () => target.status.sentUntilMs >= START_MS + 1_000 * seconds - 100 || lastSent() === seconds * 10 - 1,
  );
  target.end(5_000);
  target.complete();
  await running;
  return { said, kept, status: target.status };
}

/** When the samples of the series came, as numbers of ticks, in the order they came. */
function sentTicks(): number[] {
  return (receiver?.samples('hzstat_paging_major_faults_total') ?? []).map(
    ({ unixMs }) => (unixMs - START_MS) / 100,
  );
}

const lastSent = (): number => Math.max(-1, ...sentTicks());

test('all is sent once, in order, five seconds at a time', async () => {
  const { status, kept } = await sendAll(31, () => ({ status: 204 }));
  expect(sentTicks()).toEqual(Array.from({ length: 310 }, (_, i) => i));
  expect(receiver?.requests.length).toBe(7);
  expect(status).toMatchObject({ state: 'catching_up', droppedSamples: 0, retries: 0, skippedSnapshots: 0 });
  expect(status.sentUntilMs).toBe(START_MS + 30_900);
  // Ten seconds before what was acknowledged last, at the beginning of an interval.
  expect(kept.at(-1)).toEqual({ journal: '', sequence: 200, unixUs: (START_MS + 20_000) * 1_000 });
});

test('after an outage it begins ten seconds before what was acknowledged last, with the same samples', async () => {
  const { said, status } = await sendAll(31, (number) => ({ status: number === 4 ? 503 : 204 }));
  const ticks = sentTicks();
  // The fifth is refused for the moment: 20 s were acknowledged, so it goes on from 9.9 s, which an interval has begun by.
  expect(ticks.slice(0, 250)).toEqual(Array.from({ length: 250 }, (_, i) => i));
  expect(ticks.slice(250)).toEqual(Array.from({ length: 220 }, (_, i) => 90 + i));
  const values = new Map<string, number>();
  for (const { series } of receiver!.requests)
    for (const { labels, samples } of series)
      for (const { value, unixMs } of samples) {
        const key = `${JSON.stringify(labels)} ${unixMs}`;
        expect(values.get(key) ?? value, key).toBe(value);
        values.set(key, value);
      }
  expect(status.retries).toBe(1);
  expect(said).toEqual(['it answers 503; it is tried again', 'it takes what is sent again']);
});

test('who is busy gets the same again, and nothing before it', async () => {
  const { status } = await sendAll(12, (number) => ({ status: number === 1 ? 429 : 204 }));
  const ticks = sentTicks();
  expect(ticks).toEqual([
    ...Array.from({ length: 100 }, (_, i) => i),
    ...Array.from({ length: 70 }, (_, i) => 50 + i),
  ]);
  expect(receiver?.requests[2]?.series).toEqual(receiver?.requests[1]?.series);
  expect(status.retries).toBe(1);
});

test('what is refused is not sent again', async () => {
  const { said, status } = await sendAll(15, () => ({ status: 400, text: 'no' }));
  expect(sentTicks()).toEqual(Array.from({ length: 150 }, (_, i) => i));
  expect(status.sentSamples).toBe(0);
  expect(status.droppedSamples).toBeGreaterThan(150);
  expect(said).toEqual(['it answers 400 (no); what it refuses is dropped']);
});
