import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import type { FromWriter, ToWriter } from '../../../../src/history/writer/messages.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../../support/history.ts';

const ENTRY = createRequire(import.meta.url).resolve('#history-writer');
const MINUTES = 3;
const SNAPSHOTS_PER_MINUTE = 4_000;

/** A minute of snapshots. */
function minute(index: number): ToWriter {
  const batch = new SnapshotBatch();
  for (let i = 0; i < SNAPSHOTS_PER_MINUTE; i++) {
    batch.add(packedAt(index * SNAPSHOTS_PER_MINUTE + i, START_MS + index * 60_000 + i));
  }
  return { type: 'append', minute: START_MS / 60_000 + index, batch: batch.take() };
}

test('a fault in the writing thread waits for what is being sealed, and ends that thread alone', async () => {
  const { dataDir, remove } = temporaryDataDir();
  const { port1, port2 } = new MessageChannel();
  const workerData = { settings: settingsFor(dataDir), port: port2 };
  const worker = new Worker(ENTRY, { workerData, transferList: [port2] });
  const [started]: FromWriter[] = await once(port1, 'message');
  expect(started?.type).toBe('started');
  for (let index = 0; index < MINUTES; index++) port1.postMessage(minute(index));
  // No message is like that; it stands for a fault of ours that nobody has found yet.
  port1.postMessage({ type: 'append', minute: 0 });
  const [error]: unknown[] = await once(worker, 'error');
  expect(String(error)).toContain('TypeError');
  const sealed = readdirSync(join(dataDir, 'segments', 'sampling'));
  expect(sealed.filter((name) => name.endsWith('.parquet'))).toHaveLength(MINUTES - 1);
  expect(sealed).toHaveLength(MINUTES - 1);
  port1.close();
  remove();
});
