import type { LakeStatus } from '../../base/lake_status.ts';
import { ALL_MODELS } from '../../model/collectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { declaredFamilies } from './declared_families.ts';
import { exposition } from './exposition.ts';
import { CUSTOM_FAMILIES } from './families/custom.ts';
import { LAKE_FAMILIES } from './families/lake.ts';
import { PERF_FAMILIES } from './families/perf.ts';
import { PROCESS_FAMILIES } from './families/process.ts';
import { STATE_FAMILIES } from './families/states.ts';
import { STUCK_FAMILIES } from './families/stuck.ts';
import type { Family } from './family.ts';
import type { ProcessFacts } from './process_facts.ts';

const SNAPSHOT_FAMILIES: readonly Family<Snapshot>[] = [
  ...ALL_MODELS.flatMap(declaredFamilies),
  ...STUCK_FAMILIES,
  ...PERF_FAMILIES,
  ...CUSTOM_FAMILIES,
  ...STATE_FAMILIES,
];

/** A snapshot, the process that made it, and the lake it fills if there is one, in the Prometheus text format. */
export function metricsText(snapshot: Snapshot, process: ProcessFacts, lake?: LakeStatus): string {
  return (
    exposition(SNAPSHOT_FAMILIES, snapshot) +
    exposition(PROCESS_FAMILIES, process) +
    (lake === undefined ? '' : exposition(LAKE_FAMILIES, lake))
  );
}
