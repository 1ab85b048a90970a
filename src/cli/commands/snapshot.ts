import type { Snapshot } from '../../model/snapshot.ts';
import { createSampler } from '../../service/sampler.ts';
import type { SamplingOptions } from '../../service/settings.ts';
import { leave, stoppedInTime } from '../../service/shutdown.ts';

/** Sources that answer later than this (a perf that is slow to start) are not waited for. */
const LONGEST_WARM_UP_MS = 3_000;
const TICKS_FOR_EVERY_RATE = 3;

/** Prints one snapshot, taken as soon as every collector can tell everything it will ever tell. */
export async function snapshotCommand(options: SamplingOptions): Promise<void> {
  const sampler = await createSampler(options);
  try {
    const snapshot = await completeSnapshot(sampler.aggregator, options.interval);
    process.stdout.write(`${JSON.stringify(snapshot, undefined, process.stdout.isTTY ? 2 : undefined)}\n`);
  } finally {
    if (!(await stoppedInTime(sampler))) leave(false);
  }
}

async function completeSnapshot(
  aggregator: { collectAll(): Promise<Snapshot> },
  intervalMs: number,
): Promise<Snapshot> {
  const patienceMs = Math.max(LONGEST_WARM_UP_MS, TICKS_FOR_EVERY_RATE * intervalMs);
  const giveUpAt = performance.now() + patienceMs;
  let before: Snapshot | undefined;
  for (;;) {
    const snapshot = await aggregator.collectAll();
    if (isComplete(snapshot, before) || performance.now() > giveUpAt) return snapshot;
    before = snapshot;
  }
}

/** Whether every rate has its two readings, and the slow sources have been heard once. */
function isComplete(snapshot: Snapshot, before: Snapshot | undefined): boolean {
  for (const [name, sampling] of Object.entries(snapshot.sampling.collectors)) {
    if (sampling.state === 'warming_up' || sampling.state === 'late') return false;
    if (sampling.state === 'ok' && before?.sampling.collectors[name]?.state !== 'ok') return false;
  }
  const { cpu, disk, perf_events } = snapshot;
  if (cpu?.per_core.every((core) => core === null)) return false;
  if (disk !== undefined && Object.keys(disk.partitions).length === 0) return false;
  return (
    perf_events === undefined || perf_events.sample_time !== undefined || perf_events.error !== undefined
  );
}
