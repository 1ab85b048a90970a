import { HeldSnapshots, RowBlocks } from './held_snapshots.ts';
import { SnapshotRowReader, type SnapshotRows } from './snapshot_rows.ts';

/** All snapshots among the frames of a journal. */
export function snapshotsIn(frames: Iterable<Uint8Array>): readonly SnapshotRows[] {
  const held = new HeldSnapshots(new RowBlocks(Number.POSITIVE_INFINITY));
  for (const { layout, rows, stride, count } of new SnapshotRowReader().read(frames)) {
    for (let i = 0; i < count; i++) held.add(layout, rows.subarray(i * stride, (i + 1) * stride));
  }
  return held.snapshots ?? [];
}
