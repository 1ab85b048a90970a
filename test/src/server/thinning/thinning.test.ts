import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { Thinning } from '../../../../src/server/thinning/thinning.ts';
import { encoded, randomTicks, rounded, TICK_MS } from '../../../support/random_ticks.ts';

const TICKS = 400;
const INTERVAL_MS = 700;

/** By hand: the ticks of each interval that is over. */
function intervalsOf(snapshots: readonly Snapshot[]): Snapshot[][] {
  const intervals = new Map<number, Snapshot[]>();
  for (const snapshot of snapshots) {
    const interval = Math.floor((snapshot.sampling.tick * TICK_MS) / INTERVAL_MS);
    intervals.set(interval, [...(intervals.get(interval) ?? []), snapshot]);
  }
  return [...intervals.values()];
}

/** By hand: the mean of a value over the ticks that have it, weighted by the time each covers. */
function meanOf(
  ticks: readonly Snapshot[],
  collector: string,
  read: (snapshot: Snapshot) => number | null | undefined,
): number {
  let sum = 0;
  let weight = 0;
  for (const tick of ticks) {
    const state = tick.sampling.collectors[collector];
    const value = read(tick);
    if (state?.state !== 'ok' || typeof value !== 'number') continue;
    sum += value * state.elapsed_ms!;
    weight += state.elapsed_ms!;
  }
  return sum / weight;
}

describe.each([1, 2, 3, 4, 5])('thinning of the ticks of seed %d', (seed) => {
  const ticks = randomTicks(seed, TICKS);
  const intervals = intervalsOf(ticks);

  test('makes one snapshot of each interval, with means of rates and the end of all else', () => {
    const thinning = new Thinning(INTERVAL_MS);
    const thinned = encoded(ticks).flatMap((tick) => thinning.add(tick).map(({ snapshot }) => snapshot));
    expect(thinned.length).toBeGreaterThan(TICKS / 10);
    for (const [index, snapshot] of thinned.entries()) {
      const within = intervals[index]!;
      const last = within.at(-1)!;
      expect(snapshot).toMatchObject({ sequence: last.sequence, timestamp: last.timestamp });
      expect(snapshot.sampling).toEqual(last.sampling);
      expect(snapshot.cpu === undefined).toBe(last.cpu === undefined);
      expect(snapshot.cpu?.frequency_mhz).toBe(last.cpu?.frequency_mhz);
      if (snapshot.cpu !== undefined) {
        expect(snapshot.cpu.usage_percent).toBeCloseTo(
          meanOf(within, 'cpu', (tick) => tick.cpu?.usage_percent),
          9,
        );
        const core = meanOf(within, 'cpu', (tick) => coresOf(tick)[0]);
        expect(coresOf(snapshot)[0]).toBeCloseTo(core, 9);
      }
      for (const [name, counters] of Object.entries(interfacesOf(snapshot))) {
        const end = interfacesOf(last)[name]!;
        expect(counters.bytes_recv).toBe(end.bytes_recv);
        if (end.bytes_recv_per_sec === null) expect(counters.bytes_recv_per_sec).toBeNull();
        else {
          const mean = meanOf(within, 'network', (tick) => interfacesOf(tick)[name]?.bytes_recv_per_sec);
          expect(counters.bytes_recv_per_sec).toBeCloseTo(mean, 9);
        }
      }
    }
  });

  test('tells the extremes of every number there was, also of what was gone at the end', () => {
    const thinning = new Thinning(INTERVAL_MS, true);
    const thinned = encoded(ticks).flatMap((tick) => thinning.add(tick).map(({ snapshot }) => snapshot));
    for (const [index, { minimum, maximum }] of thinned.entries()) {
      const within = intervals[index]!;
      const usages = within.flatMap(({ cpu }) => cpu?.usage_percent ?? []);
      const low = (minimum?.cpu ?? {}) as { usage_percent?: number };
      expect(low.usage_percent).toBe(usages.length === 0 ? undefined : Math.min(...usages));
      const wlan = within.flatMap((tick) => interfacesOf(tick).wlan0?.bytes_recv ?? []);
      const high = interfacesOf(maximum as unknown as Snapshot);
      expect(high.wlan0?.bytes_recv).toBe(wlan.length === 0 ? undefined : Math.max(...wlan));
      expect(low).not.toHaveProperty('temperature_celsius');
      expect(low).not.toHaveProperty('governor');
    }
  });

  test('says the same of a whole however it is packed', () => {
    const one = new Thinning(INTERVAL_MS, true);
    const other = new Thinning(INTERVAL_MS, true);
    // Each packed with layouts of its own.
    const anew = ticks.flatMap((tick) => encoded([tick]));
    const made = encoded(ticks).flatMap((tick) => one.add(tick).map(({ snapshot }) => snapshot));
    expect(rounded(anew.flatMap((tick) => other.add(tick).map(({ snapshot }) => snapshot)))).toEqual(
      rounded(made),
    );
  });
});

type Interfaces = Record<string, { bytes_recv_per_sec: number | null; bytes_recv: number }>;

function interfacesOf({ network }: Snapshot): Interfaces {
  return (network?.interfaces ?? {}) as unknown as Interfaces;
}

function coresOf({ cpu }: Snapshot): readonly (number | null)[] {
  return cpu?.per_core ?? [];
}
