import { expect, test } from 'vitest';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { Thinning } from '../../../../src/server/thinning/thinning.ts';
import { encoded } from '../../../support/random_ticks.ts';

const TICK_MS = 100;
/** Requests a second, and what each took, tick by tick; null where there were none. */
const TICKS: readonly (readonly [perSecond: number, latencyMs: number | null])[] = [
  [10, 1],
  [990, 11],
  [0, null],
  [0, null],
];

function tick(index: number, [reads_per_sec, read_latency_ms]: (typeof TICKS)[number]): Snapshot {
  const disk = {
    devices: { sda: { reads_per_sec, read_latency_ms, busy_percent: reads_per_sec / 10 } },
    partitions: {},
  };
  return {
    type: 'snapshot',
    sequence: index,
    timestamp: new Date(Date.UTC(2026, 0, 5) + index * TICK_MS).toISOString().replace('Z', '000Z'),
    disk,
    sampling: {
      tick: index,
      interval_ms: TICK_MS,
      lateness_ms: 0,
      missed_ticks: 0,
      memory_bytes: 1,
      collectors: {
        disk: { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0, elapsed_ms: TICK_MS },
      },
    },
  } as unknown as Snapshot;
}

test('a mean over requests is one over the requests of the whole interval, whenever they came', () => {
  const all = [...TICKS, ...TICKS].map((values, index) => tick(index, values));
  const thinning = new Thinning(TICKS.length * TICK_MS);
  const [first] = encoded(all).flatMap((snapshot) =>
    thinning.add(snapshot).map(({ snapshot: thin }) => thin),
  );
  const { sda } = first!.disk!.devices;
  // 10 of 1 ms and 990 of 11 ms; by time it would be 6 ms.
  expect(sda!.read_latency_ms).toBeCloseTo(10.9, 6);
  expect(sda!.reads_per_sec).toBeCloseTo(250, 6);
  expect(sda!.busy_percent).toBeCloseTo(25, 6);
});
