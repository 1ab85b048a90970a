import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotsIn } from '../../src/history/journal/journal_snapshots.ts';
import { Sealer } from '../../src/history/sealing/sealer.ts';
import type { Segment } from '../../src/history/segments/manifest.ts';
import { Store } from '../../src/history/segments/store.ts';
import { TABLES } from '../../src/history/tables/schema.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { recordFrames } from '../../src/wire/records/record_frames.ts';
import { recordedScalars } from './columns.ts';
import { merge } from './merge.ts';

const MINUTE_MS = 60_000;

/** Bytes on disk for each number recorded. */
export interface DiskCost {
  readonly scalarsPerSnapshot: number;
  /** While its hour lasts. */
  readonly minute: number;
  /** For good: the hour's files, and with the rollups made of them. */
  readonly hour: number;
  readonly withRollups: number;
}

/** Seals a recording minute by minute and merges the minutes, all as the product does it. */
export async function measureDisk(directory: string, recorded: readonly Snapshot[]): Promise<DiskCost> {
  const dataDir = join(directory, `disk-${process.pid}`);
  const store = new Store(dataDir);
  store.makeDirectories();
  const sealer = new Sealer();
  try {
    const sealed: Segment[] = [];
    for (const [minute, snapshots] of byMinute(recorded)) {
      const packer = new SnapshotPacker();
      const frames = [...recordFrames(snapshots.map((snapshot) => packer.pack(snapshot)))];
      sealed.push(...(await sealer.seal(dataDir, `m-${minute * MINUTE_MS}-disk-0`, snapshotsIn(frames))));
    }
    await store.publishSealed('disk', sealed);
    const merged = await merge({ dataDir, stem: 'h-0-disk', inputs: sealed });
    const raw = new Set(TABLES.map(({ name }) => name));
    const scalars = recorded.reduce((sum, snapshot) => sum + recordedScalars(snapshot), 0);
    const perScalar = (segments: readonly { bytes: number }[]): number =>
      segments.reduce((sum, { bytes }) => sum + bytes, 0) / scalars;
    return {
      scalarsPerSnapshot: scalars / recorded.length,
      minute: perScalar(sealed),
      hour: perScalar(merged.filter(({ table }) => raw.has(table))),
      withRollups: perScalar(merged),
    };
  } finally {
    sealer.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function byMinute(recorded: readonly Snapshot[]): Map<number, Snapshot[]> {
  const minutes = new Map<number, Snapshot[]>();
  for (const snapshot of recorded) {
    const minute = Math.floor(Date.parse(snapshot.timestamp) / MINUTE_MS);
    minutes.set(minute, [...(minutes.get(minute) ?? []), snapshot]);
  }
  return minutes;
}
