import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { Thinning } from '../../../../src/server/thinning/thinning.ts';
import { ThinningTree } from '../../../../src/server/thinning/thinning_tree.ts';
import { encoded } from '../../../support/random_ticks.ts';

const TICK_MS = 100;
const MS_PER_SECOND = 1_000;

/** What happened in one tick: bytes that came, reads and the time each took, and how long it was watched. */
interface Happened {
  readonly skipped: number;
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly reads: number;
  readonly readMs: number;
  readonly counted: number;
}

const happenings: fc.Arbitrary<Happened[]> = fc.array(
  fc.record({
    skipped: fc.integer({ min: 0, max: 3 }),
    elapsedMs: fc.integer({ min: 50, max: 400 }),
    bytes: fc.integer({ min: 0, max: 1e9 }),
    reads: fc.integer({ min: 0, max: 1e4 }),
    readMs: fc.integer({ min: 0, max: 500 }),
    counted: fc.integer({ min: 0, max: 1e9 }),
  }),
  { minLength: 2, maxLength: 40 },
);

/** The snapshots of these ticks, as collectors make them. */
function snapshotsOf(ticks: readonly Happened[]): Snapshot[] {
  let tick = 1_000;
  let bytes_recv = 0;
  let read_count = 0;
  return ticks.map(({ skipped, elapsedMs, bytes, reads, readMs, counted }, sequence) => {
    tick += 1 + skipped;
    bytes_recv += bytes;
    read_count += reads;
    const perSecond = MS_PER_SECOND / elapsedMs;
    const times = { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0, elapsed_ms: elapsedMs };
    const read_latency_ms = reads === 0 ? null : readMs / reads;
    return {
      type: 'snapshot',
      sequence,
      timestamp: new Date(Date.UTC(2026, 0, 5) + tick * TICK_MS).toISOString().replace('Z', '000Z'),
      network: { bytes_recv, bytes_recv_per_sec: bytes * perSecond, interfaces: {} },
      disk: {
        devices: { sda: { read_count, reads_per_sec: reads * perSecond, read_latency_ms } },
        partitions: {},
      },
      perf_events: {
        available: true,
        cpu_cores: 'all',
        interval_ms: TICK_MS,
        sample_time: String(sequence),
        elapsed_ms: elapsedMs,
        events: { cycles: { value: counted, total: 0, unit: null } },
      },
      sampling: {
        tick,
        interval_ms: TICK_MS,
        lateness_ms: 0,
        missed_ticks: 0,
        memory_bytes: 1,
        collectors: { network: times, disk: times, perf_events: times },
      },
    } as unknown as Snapshot;
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function expectClose(value: number | null | undefined, wanted: number): void {
  expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
}

/** The ticks each of these thinned snapshots stands for. */
function* splits(
  ticks: readonly Happened[],
  thinned: readonly Snapshot[],
): Iterable<[Snapshot, readonly Happened[]]> {
  let from = 0;
  for (const snapshot of thinned) {
    yield [snapshot, ticks.slice(from, snapshot.sequence + 1)];
    from = snapshot.sequence + 1;
  }
}

function expectRight(ticks: readonly Happened[], thinned: readonly Snapshot[]): void {
  for (const [snapshot, within] of splits(ticks, thinned)) {
    const seconds = sum(within.map(({ elapsedMs }) => elapsedMs)) / MS_PER_SECOND;
    const reads = sum(within.map((tick) => tick.reads));
    // A mean rate times the time it covers is what happened.
    expectClose(snapshot.network!.bytes_recv_per_sec! * seconds, sum(within.map(({ bytes }) => bytes)));
    const { sda } = snapshot.disk!.devices;
    expectClose(sda!.reads_per_sec! * seconds, reads);
    // Of no request there is no mean, and a mean times the requests is the time they took.
    const tookMs = sum(within.filter((tick) => tick.reads > 0).map(({ readMs }) => readMs));
    if (reads > 0) expectClose(sda!.read_latency_ms! * reads, tookMs);
    else expect(sda!.read_latency_ms).toBeNull();
    // Counts add up, and so does the time they were counted over.
    expect(snapshot.perf_events!.events.cycles!.value).toBe(sum(within.map(({ counted }) => counted)));
    expectClose(snapshot.perf_events!.elapsed_ms, seconds * MS_PER_SECOND);
  }
}

test('sums and means are right however ticks fall into intervals', () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 2, max: 12 }), (ticks, length) => {
      const thinning = new Thinning(length * TICK_MS);
      const thinned = encoded(snapshotsOf(ticks)).flatMap((tick) =>
        thinning.add(tick).map(({ snapshot }) => snapshot),
      );
      expectRight(ticks, thinned);
    }),
  );
});

test('and however shorter intervals are put together to longer ones', () => {
  fc.assert(
    fc.property(
      happenings,
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 2, max: 4 }),
      (ticks, short, times) => {
        const tree = new ThinningTree();
        const intervals = [short, short * times].map((length) => tree.join(length * TICK_MS, false));
        const made = intervals.map((): Snapshot[] => []);
        for (const snapshot of encoded(snapshotsOf(ticks))) {
          tree.add(snapshot);
          for (const [index, interval] of intervals.entries()) {
            made[index]!.push(...interval.take().map((thin) => thin.snapshot));
          }
        }
        for (const thinned of made) expectRight(ticks, thinned);
      },
    ),
  );
});
