import { ALL_MODELS } from '../model/collectors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { declaredFamilies } from './declared_families.ts';
import { CUSTOM_FAMILIES } from './families/custom.ts';
import { PERF_FAMILIES } from './families/perf.ts';
import { STATE_FAMILIES } from './families/states.ts';
import { STUCK_FAMILIES } from './families/stuck.ts';
import type { Family } from './family.ts';
import { type MeasuredFamily, ofSnapshots } from './measured_family.ts';

/** Whose numbers stand in a snapshot. */
export const MEASURED_FAMILIES: readonly MeasuredFamily[] = [
  ...ALL_MODELS.flatMap(declaredFamilies),
  ...PERF_FAMILIES,
  ...CUSTOM_FAMILIES,
];

/** Whose numbers say what stands there in words. */
export const WORDED_FAMILIES: readonly Family<Snapshot>[] = [...STUCK_FAMILIES, ...STATE_FAMILIES];

/** Everything a snapshot has series of. */
export const SNAPSHOT_FAMILIES: readonly Family<Snapshot>[] = [
  ...MEASURED_FAMILIES.map(ofSnapshots),
  ...WORDED_FAMILIES,
];
