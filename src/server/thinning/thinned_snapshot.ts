import { PackedSnapshot, SAMPLING } from '../../records/packed_snapshot.ts';
import { joinParts, type Parts } from '../../records/parts.ts';
import { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';

/** By collector, the smallest and the largest value each of its numbers had. */
export interface Extremes {
  readonly minimum: Parts;
  readonly maximum: Parts;
}

/** One snapshot for an interval, before anybody chose collectors in it. */
export class ThinnedSnapshot extends EncodedSnapshot {
  /** Without the extremes. */
  readonly means: PackedSnapshot;
  readonly extremes: Extremes | undefined;

  constructor(means: PackedSnapshot, extremes?: Extremes) {
    super(withExtremes(means, extremes));
    this.means = means;
    this.extremes = extremes;
  }
}

/** The snapshot with the extremes of its collectors as two more parts. */
export function withExtremes(means: PackedSnapshot, extremes: Extremes | undefined): PackedSnapshot {
  if (extremes === undefined) return means;
  const parts = new Map(means.parts);
  parts.delete(SAMPLING);
  parts.set('minimum', joinParts(extremes.minimum));
  parts.set('maximum', joinParts(extremes.maximum));
  parts.set(SAMPLING, means.sampling);
  return new PackedSnapshot(means.sequence, means.moment, parts);
}
