import type * as fileSystem from 'node:fs';
import { expect, test, vi } from 'vitest';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import { Recorder } from '../../../../src/history/writer/recorder.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../../support/history.ts';

type Fsync = typeof fileSystem.fsync;

/** What waits for the disk, which takes as long as the test likes. */
const waiting: (() => void)[] = [];
let isSlow = false;

vi.mock('node:fs', async (original) => {
  const real: typeof fileSystem = await original();
  const fsync = ((fd: number, done: (error: Error | null) => void) => {
    const sync = (): void => real.fsync(fd, done);
    if (isSlow) waiting.push(sync);
    else sync();
  }) as Fsync;
  return { ...real, fsync };
});

test('a disk that takes its time to make a minute last does not keep the journal waiting', async () => {
  const { dataDir, remove } = temporaryDataDir();
  const recorder = new Recorder(settingsFor(dataDir));
  recorder.open();
  const batch = new SnapshotBatch();
  const append = (minute: number): void => {
    batch.add(packedAt(minute, START_MS + minute * 60_000));
    recorder.append(START_MS / 60_000 + minute, batch.take());
  };
  append(0);
  isSlow = true;
  append(1);
  await vi.waitFor(() => expect(waiting.length).toBe(1), { timeout: 20_000 });
  const before = recorder.status.journalBytes;
  append(1);
  expect(recorder.status).toMatchObject({ state: 'recording', segments: 0 });
  expect(recorder.status.journalBytes).toBeGreaterThan(before);
  isSlow = false;
  for (const sync of waiting) sync();
  const segments = await recorder.segments();
  expect(segments.filter(({ table }) => table === 'sampling').map(({ rows }) => rows)).toEqual([1, 2]);
  await recorder.close();
  remove();
});
