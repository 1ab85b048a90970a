import { once } from 'node:events';
import { createRequire } from 'node:module';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { History } from '../../../../src/history/history.ts';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import type { FromWriter, ToWriter } from '../../../../src/history/writer/messages.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../../support/history.ts';
import { sealingProcesses } from '../../../support/sealing_processes.ts';

const ENTRY = createRequire(import.meta.url).resolve('#history-writer');
const MINUTES = 3;
const SNAPSHOTS_PER_MINUTE = 4_000;

/** A minute of snapshots. */
function minute(index: number): ToWriter {
  const batch = new SnapshotBatch();
  for (let i = 0; i < SNAPSHOTS_PER_MINUTE; i++) {
    batch.add(packedAt(index * SNAPSHOTS_PER_MINUTE + i, START_MS + index * 60_000 + i));
  }
  return { type: 'append', period: START_MS / 60_000 + index, batch: batch.take() };
}

test('a fault in the writing thread ends that thread and its sealing process, and loses nothing', async () => {
  const { dataDir, remove } = temporaryDataDir();
  const { port1, port2 } = new MessageChannel();
  const workerData = { settings: settingsFor(dataDir), port: port2 };
  const worker = new Worker(ENTRY, { workerData, transferList: [port2] });
  const [started]: FromWriter[] = await once(port1, 'message');
  expect(started?.type).toBe('started');
  for (let index = 0; index < MINUTES; index++) port1.postMessage(minute(index));
  await vi.waitFor(() => expect(sealingProcesses().length).toBe(1), { timeout: 20_000, interval: 5 });
  // No message is like that; it stands for a fault of ours that nobody has found yet.
  port1.postMessage({ type: 'append', period: 0 });
  const [error]: unknown[] = await once(worker, 'error');
  expect(String(error)).toContain('TypeError');
  port1.close();
  await vi.waitFor(() => expect(sealingProcesses()).toEqual([]), { timeout: 20_000, interval: 50 });
  const history = await History.open(settingsFor(dataDir));
  const { rows } = await history.query('SELECT count(*), count(DISTINCT sequence) FROM sampling');
  expect(rows).toEqual([[MINUTES * SNAPSHOTS_PER_MINUTE, MINUTES * SNAPSHOTS_PER_MINUTE]]);
  await history.close();
  remove();
});
