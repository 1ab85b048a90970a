import type { Snapshot } from '../../model/snapshot.ts';
import { type Family, forEach, gauge, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

/** File systems that do not answer have nothing to tell but that. */
export const STUCK_FAMILIES: readonly Family<Snapshot>[] = forEach(stuckIn, [
  gauge<true>(
    'hzstat_disk_partition_stuck',
    'A file system that did not answer in time; absent for those that did.',
    (stuck) => stuck,
  ),
]);

function stuckIn({ disk }: Snapshot): Row<true>[] {
  return (disk?.partitions_stuck ?? []).map((mount_point) => [labelsOf({ mount_point }), true]);
}
