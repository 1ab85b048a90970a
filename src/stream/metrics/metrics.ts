import { COLLECTOR_NAMES, type CollectorName } from '../../shared/collector_names.ts';
import type { CollectorData, Snapshot } from '../../shared/snapshot.ts';
import { exposition } from './exposition.ts';
import { CPU_FAMILIES } from './families/cpu.ts';
import { CUSTOM_FAMILIES } from './families/custom.ts';
import { DISK_FAMILIES } from './families/disk.ts';
import { INTERRUPTS_FAMILIES } from './families/interrupts.ts';
import { MEMORY_FAMILIES } from './families/memory.ts';
import { MEMORY_BANDWIDTH_FAMILIES } from './families/memory_bandwidth.ts';
import { NETWORK_FAMILIES } from './families/network.ts';
import { PERF_EVENTS_FAMILIES } from './families/perf_events.ts';
import { PRESSURE_FAMILIES } from './families/pressure.ts';
import { PROCESS_FAMILIES } from './families/process.ts';
import { SAMPLING_FAMILIES } from './families/sampling.ts';
import type { Family } from './family.ts';
import type { ProcessFacts } from './process_facts.ts';

/** What each collector's data becomes. */
const FAMILIES: { readonly [N in CollectorName]: readonly Family<CollectorData[N]>[] } = {
  cpu: CPU_FAMILIES,
  memory: MEMORY_FAMILIES,
  network: NETWORK_FAMILIES,
  disk: DISK_FAMILIES,
  perf_events: PERF_EVENTS_FAMILIES,
  memory_bandwidth: MEMORY_BANDWIDTH_FAMILIES,
  pressure: PRESSURE_FAMILIES,
  interrupts: INTERRUPTS_FAMILIES,
};

/** A snapshot, and the process that made it, in the Prometheus text format. */
export function metricsText(snapshot: Snapshot, process: ProcessFacts): string {
  return [
    ...COLLECTOR_NAMES.map((name) => collectorText(name, snapshot)),
    exposition(CUSTOM_FAMILIES, snapshot),
    exposition(SAMPLING_FAMILIES, snapshot),
    exposition(PROCESS_FAMILIES, process),
  ].join('');
}

function collectorText<N extends CollectorName>(name: N, collected: Partial<CollectorData>): string {
  const data: CollectorData[N] | undefined = collected[name];
  return data === undefined ? '' : exposition(FAMILIES[name], data);
}
