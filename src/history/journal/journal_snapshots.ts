import { SnapshotRowReader, type SnapshotRows } from '../rows/snapshot_rows.ts';

/** All snapshots among the frames of a journal. */
export function snapshotsIn(frames: Iterable<Uint8Array>): readonly SnapshotRows[] {
  const snapshots: SnapshotRows[] = [];
  for (const { layout, rows, stride, count } of new SnapshotRowReader().read(frames))
    snapshots.push({ layout, rows: rows.slice(0, stride * count), stride, count });
  return snapshots;
}
