import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import type { Protocol } from '../protocol/frames.ts';
import { RecordsEncoder } from './records_encoder.ts';
import { ToldLayouts } from './told_layouts.ts';

/** Snapshots as records, for one reader, each layout just before the first record that needs it. */
export function* recordFrames(
  snapshots: Iterable<PackedSnapshot>,
  protocol: Protocol = 1,
): Generator<Uint8Array> {
  const encoder = new RecordsEncoder(protocol);
  const told = new ToldLayouts();
  for (const snapshot of snapshots) {
    const { record, layout } = encoder.encode(snapshot);
    if (told.isNews(layout)) yield layout;
    yield record;
  }
}
