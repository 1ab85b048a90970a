import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import type { OutboxFile } from '../../../../src/history/segments/manifest.ts';
import { Recorder } from '../../../../src/history/writer/recorder.ts';
import { HOUR_MS, packedAt, START_MS, settingsFor, temporaryDataDir } from '../../../support/history.ts';

const MINUTE_MS = 60_000;
const SOON = { timeout: 40_000, interval: 50 };

let recorder: Recorder;
let sequence = 0;
const { dataDir, remove } = temporaryDataDir();
afterEach(async () => {
  await recorder.close();
});
afterAll(remove);

function open(periodMs: number, overrides: Partial<Parameters<typeof settingsFor>[1]> = {}): void {
  recorder = new Recorder(settingsFor(dataDir, { outbox: { periodMs }, ...overrides }));
  recorder.open();
}

/** A snapshot of each of these minutes. */
function record(...minutes: readonly number[]): void {
  const batch = new SnapshotBatch();
  for (const minute of minutes) {
    batch.add(packedAt(sequence++, START_MS + minute * MINUTE_MS));
    recorder.append(START_MS / MINUTE_MS + minute, batch.take());
  }
}

function waiting(table = 'sampling'): OutboxFile[] {
  return recorder.outbox().filter((file) => file.table === table);
}

test('hours go as they were merged, each once, and what comes late goes by itself', async () => {
  open(HOUR_MS);
  record(0, 1, 60);
  await vi.waitFor(() => expect(waiting()).toHaveLength(1), SOON);
  const [hour] = waiting();
  expect(hour).toMatchObject({
    file: 'outbox/sampling/20260105T1000Z-1h.parquet',
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    rows: 2,
    segment: expect.stringContaining('segments/sampling/h-'),
  });
  // Another name of the same file takes no room of its own.
  expect(statSync(join(dataDir, hour!.file)).nlink).toBe(2);
  expect(recorder.status.outbox).toMatchObject({ files: recorder.outbox().length, lostFiles: 0 });
  // Nobody can see whether it was listed before a kill: it was not, and goes.
  writeFileSync(join(dataDir, 'outbox/sampling/left.parquet'), '');
  await recorder.close();
  open(HOUR_MS);
  expect(existsSync(join(dataDir, 'outbox/sampling/left.parquet'))).toBe(false);
  expect(waiting()).toEqual([hour]);
  // The clock was set back: a minute of the hour that has gone, and its end.
  record(2, 61);
  await vi.waitFor(() => expect(waiting()).toHaveLength(2), SOON);
  expect(waiting()[1]).toMatchObject({ file: 'outbox/sampling/20260105T1000Z-1h.2.parquet', rows: 1 });
  await recorder.takenAway(recorder.outbox().map(({ file }) => file));
  expect(recorder.outbox()).toEqual([]);
  expect(readdirSync(join(dataDir, 'outbox/sampling'))).toEqual([]);
  // What has gone is merged on, and does not go again.
  record(120);
  await vi.waitFor(() => expect(waiting().map(({ rows }) => rows)).toEqual([2]), SOON);
  expect((await recorder.segments()).filter(({ table }) => table === 'sampling')).toMatchObject([
    { level: 'hour', rows: 3, handedOver: true },
    { level: 'hour', rows: 2, handedOver: true },
    { level: 'minute', rows: 1 },
  ]);
});

test('shorter periods are put together, and wait for the room they need to the last', async () => {
  open(2 * MINUTE_MS, { retentionMs: 1, retentionBytes: 1e9 });
  record(180, 181, 182, 183, 184);
  const since = START_MS + 3 * HOUR_MS;
  const these = (): OutboxFile[] => waiting().filter(({ fromMs }) => fromMs >= since);
  await vi.waitFor(() => expect(these()).toHaveLength(2), SOON);
  expect(these()).toMatchObject([
    { file: 'outbox/sampling/20260105T1300Z-2m.parquet', rows: 2 },
    { file: 'outbox/sampling/20260105T1302Z-2m.parquet', rows: 2 },
  ]);
  const before = recorder.outbox().length;
  await recorder.close();
  // By age nothing goes that nobody has had, by room it does, and is counted.
  open(2 * MINUTE_MS, { retentionMs: 1, retentionBytes: 1e9 });
  record(185);
  expect(recorder.outbox().length).toBeGreaterThanOrEqual(before);
  await recorder.close();
  open(2 * MINUTE_MS, { retentionMs: 1, retentionBytes: 1 });
  await vi.waitFor(() => expect(recorder.status.outbox).toMatchObject({ files: 0, bytes: 0 }), SOON);
  expect(recorder.status.outbox?.lostFiles).toBeGreaterThanOrEqual(before);
});

test('without its manifest nothing that waits is lost, and no hour goes that went by shorter periods', async () => {
  open(2 * MINUTE_MS);
  record(240, 241, 242, 300, 302);
  const since = START_MS + 4 * HOUR_MS;
  const these = (): string[] => {
    const files = waiting().filter(({ fromMs }) => fromMs >= since);
    return files.map(({ file, rows }) => `${basename(file, '.parquet')} ${rows}`);
  };
  const all = ['20260105T1400Z-2m 2', '20260105T1402Z-2m 1', '20260105T1500Z-2m 1'];
  await vi.waitFor(() => expect(these()).toEqual(all), SOON);
  const isMerged = async (): Promise<boolean> =>
    (await recorder.segments()).some(({ level, fromMs }) => level === 'hour' && fromMs >= since);
  await vi.waitFor(async () => expect(await isMerged()).toBe(true), SOON);
  await recorder.close();
  rmSync(join(dataDir, 'manifest.json'));
  open(2 * MINUTE_MS);
  record(304);
  await vi.waitFor(async () => expect(await isMerged()).toBe(true), SOON);
  await vi.waitFor(() => expect(these()).toContain('20260105T1502Z-2m 1'), SOON);
  expect(these()).toEqual(expect.arrayContaining(all));
  expect(these().filter((name) => name.includes('-1h'))).toEqual([]);
  // What waits a second time is the same to the last bit, which a lake knows and takes once.
  for (const { file } of waiting().filter(({ file }) => file.endsWith('.2.parquet'))) {
    const first = readFileSync(join(dataDir, file.replace('.2.parquet', '.parquet')));
    expect(first.equals(readFileSync(join(dataDir, file)))).toBe(true);
  }
});
