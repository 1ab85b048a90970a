import type { PackedRecord } from '../../records/layout.ts';
import { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { RecordJoiner } from '../../records/record_joiner.ts';
import { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';

/** By collector, the smallest and the largest value each of its numbers had. */
export interface Extremes {
  readonly minimum: ReadonlyMap<string, PackedRecord>;
  readonly maximum: ReadonlyMap<string, PackedRecord>;
}

const joiner = new RecordJoiner();

/** One snapshot for an interval, before anybody chose collectors in it. */
export class ThinnedSnapshot extends EncodedSnapshot {
  /** Without the extremes. */
  readonly means: PackedSnapshot;
  readonly extremes: Extremes | undefined;

  constructor(means: PackedSnapshot, extremes?: Extremes) {
    super(withExtremes(means, extremes, joiner));
    this.means = means;
    this.extremes = extremes;
  }
}

/** The snapshot with the extremes of its collectors as two more parts. */
export function withExtremes(
  means: PackedSnapshot,
  extremes: Extremes | undefined,
  join: RecordJoiner,
): PackedSnapshot {
  if (extremes === undefined) return means;
  const parts = new Map(means.parts);
  parts.set('minimum', join.join(extremes.minimum));
  parts.set('maximum', join.join(extremes.maximum));
  return new PackedSnapshot(means.sequence, means.moment, parts, means.sampling);
}
