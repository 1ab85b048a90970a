import { NS_PER_MS } from '../../src/base/units.ts';
import type { AnyData, TickResult } from '../../src/handover/messages.ts';
import type { CollectorName } from '../../src/model/collectors.ts';
import type { PackedSnapshot } from '../../src/records/packed_snapshot.ts';
import { Packer } from '../../src/records/packer.ts';
import type { SampledCollector } from '../../src/sampling/sampled_collector.ts';
import { SnapshotBuilder } from '../../src/sampling/snapshot_builder.ts';

export const INTERVAL_NS = 100 * NS_PER_MS;

/** A collector as the merging side sees it, whose results are handed over by somebody else. */
export function silentCollector(name: CollectorName): SampledCollector {
  return {
    name,
    enabled: true,
    outage: undefined,
    missedTicks: 0,
    start: () => {},
    reschedule: () => {},
    setEnabled: () => {},
    deliver: () => {},
    stop: async () => {},
  };
}

/** The answer of a collector to a tick. */
export function tickResult(tick: number, data: TickResult['outcome']): TickResult {
  return { tick, startedNs: tick * INTERVAL_NS, durationNs: 50_000, missedTicks: 0, outcome: data };
}

/** Consecutive snapshots of a machine, as the merging side makes them. */
export function snapshotsOf(collected: ReadonlyMap<CollectorName, AnyData>, count: number): PackedSnapshot[] {
  const builder = new SnapshotBuilder();
  const collectors = [...collected.keys()].map(silentCollector);
  const packers = new Map([...collected.keys()].map((name) => [name, new Packer()]));
  return Array.from({ length: count }, (_, index) => {
    const tick = 1_000 + index;
    const results = new Map(
      [...collected].map(([name, data]) => [
        name,
        tickResult(tick, { state: 'ok', data: packers.get(name)!.pack(data), elapsedNs: INTERVAL_NS }),
      ]),
    );
    return builder.build({ tick, results }, INTERVAL_NS, collectors);
  });
}
