import type { Snapshot } from '../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { EncodedSnapshot } from '../../src/wire/encoded_snapshot.ts';

export const TICK_MS = 100;
const MODULUS = 2 ** 31;

/** Numbers from 0 to 1, always the same for one seed (a linear congruential generator). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % MODULUS;
    return state / MODULUS;
  };
}

/**
 * Snapshots made by hand as a rough machine makes them: ticks are missed, a collector is late, an interface comes
 * and goes, values are unknown now and then.
 */
export function randomTicks(seed: number, count: number): Snapshot[] {
  const random = randomOf(seed);
  const maybe = <T>(chance: number, value: T): T | undefined => (random() < chance ? value : undefined);
  let tick = 17;
  return Array.from({ length: count }, (_, sequence) => {
    tick += maybe(0.1, 3) ?? 1;
    const isLate = random() < 0.1;
    const cpu = {
      usage_percent: 100 * random(),
      per_core: [random(), maybe(0.7, random()) ?? null],
      frequency_mhz: 1_000 * random(),
      temperature_celsius: null,
      governor: 'performance',
    };
    const wlan0 = maybe(0.5, { bytes_recv_per_sec: random(), bytes_recv: sequence });
    const times = { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0 };
    const snapshot = {
      type: 'snapshot',
      sequence,
      timestamp: new Date(Date.UTC(2026, 0, 5) + tick * TICK_MS).toISOString().replace('Z', '000Z'),
      ...(!isLate && { cpu }),
      network: {
        interfaces: {
          eth0: { bytes_recv_per_sec: maybe(0.8, random()) ?? null, bytes_recv: sequence },
          ...(wlan0 !== undefined && { wlan0 }),
        },
      },
      sampling: {
        tick,
        interval_ms: TICK_MS,
        lateness_ms: 0,
        missed_ticks: 0,
        memory_bytes: 1,
        collectors: {
          cpu: isLate ? { state: 'late', missed_ticks: 1 } : { ...times, elapsed_ms: 90 + 20 * random() },
          network: { ...times, elapsed_ms: 100 },
        },
      },
    };
    return snapshot as unknown as Snapshot;
  });
}

/** The same as they come from the sampler. */
export function encoded(snapshots: readonly Snapshot[]): EncodedSnapshot[] {
  const packer = new SnapshotPacker();
  return snapshots.map((snapshot) => new EncodedSnapshot(packer.pack(snapshot)));
}

/** With numbers cut to what adding in another order cannot change. */
export function rounded(value: unknown): unknown {
  const digits = 9;
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      typeof item === 'number' ? Number(item.toPrecision(digits)) : item,
    ),
  );
}
