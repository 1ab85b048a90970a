import type { LakeStatus } from '../../base/lake_status.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { SNAPSHOT_FAMILIES } from '../../series/families.ts';
import { exposition } from './exposition.ts';
import { LAKE_FAMILIES } from './families/lake.ts';
import { PROCESS_FAMILIES } from './families/process.ts';
import type { ProcessFacts } from './process_facts.ts';

/** A snapshot, the process that made it, and the lake it fills if there is one, in the Prometheus text format. */
export function metricsText(snapshot: Snapshot, process: ProcessFacts, lake?: LakeStatus): string {
  return (
    exposition(SNAPSHOT_FAMILIES, snapshot) +
    exposition(PROCESS_FAMILIES, process) +
    (lake === undefined ? '' : exposition(LAKE_FAMILIES, lake))
  );
}
