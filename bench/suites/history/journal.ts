import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchEncoder } from '../../../src/history/journal/batch_encoder.ts';
import { JournalWriter, readJournal } from '../../../src/history/journal/journal.ts';
import { snapshotsIn } from '../../../src/history/journal/journal_snapshots.ts';
import { type Batch, SnapshotBatch } from '../../../src/history/rows/snapshot_batch.ts';
import { Sealer } from '../../../src/history/sealing/sealer.ts';
import type { Collected } from '../machines.ts';
import { snapshotsOf } from '../snapshots.ts';
import type { Suite } from '../suite.ts';

const SNAPSHOTS_PER_SECOND = 10;
const SNAPSHOTS_PER_MINUTE = 600;

/** A second of snapshots on its way to the disk, and a minute on its way to segments. */
export function journalSuites({ machine, data }: Collected): Suite[] {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-bench-journal-'));
  const minute = snapshotsOf(data, SNAPSHOTS_PER_MINUTE);
  const second = minute.slice(0, SNAPSHOTS_PER_SECOND);
  const batch = new SnapshotBatch();
  const collect = (): Batch => {
    for (const snapshot of second) batch.add(snapshot);
    return batch.take();
  };
  const encoder = new BatchEncoder();
  const told = collect();
  const bytes = encoder.encode(told);
  const journal = new JournalWriter(join(directory, 'second.hzj'));
  const whole = new JournalWriter(join(directory, 'minute.hzj'));
  for (const snapshot of minute) batch.add(snapshot);
  whole.append(encoder.encode(batch.take()));
  whole.close();
  const { frames } = readJournal(join(directory, 'minute.hzj'));
  const plain = openSync(join(directory, 'plain'), 'w');
  const sealer = new Sealer();
  let sealed = 0;
  return [
    {
      source: `history/journal, ${machine}`,
      rows: [
        {
          name: 'writing the bytes of a second, with fdatasync',
          control: true,
          run: () => {
            writeSync(plain, bytes);
            fdatasyncSync(plain);
          },
        },
        { name: 'encoding them', run: () => encoder.encode(told) },
        { name: 'appending the frames of a second', run: () => journal.append(bytes) },
        { name: 'collecting the snapshots of a second on the main thread', run: collect },
      ],
      dispose() {
        journal.close();
        closeSync(plain);
      },
    },
    {
      source: `history/sealer, ${machine}`,
      rows: [
        {
          name: 'reading the bytes of a minute',
          control: true,
          run: () => readFileSync(join(directory, 'minute.hzj')),
        },
        { name: 'reading the journal of a minute', run: () => readJournal(join(directory, 'minute.hzj')) },
        {
          name: 'sealing a minute',
          async: true,
          run: () => sealer.seal(directory, `m-${sealed++}`, snapshotsIn(frames)),
        },
      ],
      dispose() {
        sealer.close();
        rmSync(directory, { recursive: true, force: true });
      },
    },
  ];
}
