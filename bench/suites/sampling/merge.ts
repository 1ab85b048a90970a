import { Packer } from '../../../src/records/packer.ts';
import { SnapshotBuilder } from '../../../src/sampling/snapshot_builder.ts';
import { TickMerge } from '../../../src/sampling/tick_merge.ts';
import type { Collected } from '../machines.ts';
import { INTERVAL_NS, silentCollector, tickResult } from '../snapshots.ts';
import type { Suite } from '../suite.ts';

/** What main does at each tick with what the collectors answered. */
export function mergeSuite({ machine, data }: Collected): Suite {
  const outcomes = [...data].map(([name, data]) => {
    const packed = new Packer().pack(data);
    return { name, outcome: { state: 'ok', data: packed, elapsedNs: INTERVAL_NS } as const };
  });
  const collectors = outcomes.map(({ name }) => silentCollector(name));
  const [merge, mergeToBuild] = [new TickMerge(1), new TickMerge(1)];
  const builder = new SnapshotBuilder();
  for (const { name } of outcomes) {
    merge.expect(name);
    mergeToBuild.expect(name);
  }
  let tick = 1_000;
  const mergeTick = (into: TickMerge) => {
    tick++;
    for (const { name, outcome } of outcomes) into.add(name, [tickResult(tick, outcome)]);
    return into.take();
  };
  return {
    source: `sampling, ${machine}`,
    rows: [
      {
        name: 'making the answers',
        control: true,
        run: () => outcomes.map(({ outcome }) => [tickResult(tick, outcome)]),
      },
      { name: `merging ${outcomes.length} answers to a tick`, run: () => mergeTick(merge) },
      {
        name: 'and making the snapshot of it',
        run: () => mergeTick(mergeToBuild).map((merged) => builder.build(merged, INTERVAL_NS, collectors)),
      },
    ],
  };
}
