import { describe, expect, test } from 'vitest';
import { recordedScalars } from '../../../bench/history/columns.ts';
import { Random } from '../../../bench/history/random.ts';
import { Replay } from '../../../bench/history/replay.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { START_MS, snapshotAt } from '../../support/history.ts';

const MEMORY = { total_bytes: 8e9, available_bytes: 4e9, used_bytes: 4e9, percent: 50 };
const SWAP = { swap_total_bytes: 0, swap_used_bytes: 0, swap_percent: 0, buffers_bytes: null };

/** Snapshots of a host on which memory is taken and a wire is used. */
function recording(count: number, busy: number): Snapshot[] {
  return Array.from({ length: count }, (_, i) => ({
    ...snapshotAt(i, START_MS + i * 100),
    memory: { ...MEMORY, ...SWAP, available_bytes: 4e9 - i * 4096, cached_bytes: 1e9 },
    network: {
      bytes_sent: 1_000 + i * 100 * busy,
      bytes_recv: 5,
      packets_sent: i,
      packets_recv: 0,
      errin: 0,
      errout: 0,
      dropin: 0,
      dropout: 0,
      interfaces: {},
    },
  }));
}

const scenes = [recording(10, 1), recording(20, 50)];

function played(count: number, seed = 1): Snapshot[] {
  const replay = new Replay(scenes, new Random(seed));
  return Array.from({ length: count }, (_, i) => {
    if (i % 30 === 0) replay.cut((i / 30) % 2);
    return structuredClone(replay.next(`2026-01-05T00:00:00.${String(i).padStart(6, '0')}Z`));
  });
}

describe('a replay', () => {
  const snapshots = played(200);

  test('never lets a counter go backwards, whatever scene follows', () => {
    const sent = snapshots.map(({ network }) => network?.bytes_sent ?? Number.NaN);
    expect(sent.every((bytes, i) => i === 0 || bytes >= sent[i - 1]!)).toBe(true);
    expect(sent.at(-1)).toBeGreaterThan(sent[0]! + 1_000);
  });

  test('numbers its snapshots one after the other', () => {
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(snapshots.map((_, i) => i));
  });

  test('keeps what stood still and what was zero or missing', () => {
    for (const { memory, network } of snapshots) {
      expect(memory).toMatchObject({ total_bytes: 8e9, swap_percent: 0, buffers_bytes: null });
      expect(network?.bytes_recv).toBe(5);
    }
  });

  test('does not repeat what moved', () => {
    const rates = new Set(snapshots.map(({ memory_bandwidth }) => memory_bandwidth?.pgpgout_per_sec));
    expect(rates.size).toBeGreaterThan(150);
    const available = new Set(snapshots.map(({ memory }) => memory?.available_bytes));
    expect(available.size).toBeGreaterThan(scenes[1]!.length);
  });

  test('leaves the recording as it is', () => {
    expect(scenes[0]).toEqual(recording(10, 1));
  });

  test('is the same for the same seed, and another for another', () => {
    expect(played(50)).toEqual(snapshots.slice(0, 50));
    expect(played(50, 2)).not.toEqual(snapshots.slice(0, 50));
  });
});

test('random numbers spread evenly between 0 and 1', () => {
  const random = new Random(7);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) tenths[Math.floor(random.next() * 10)]!++;
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('numbers are counted as scalars, texts and missing values are not', () => {
  const [snapshot] = recording(1, 1);
  // Of memory, network, memory_bandwidth (one is null), sampling and its collector.
  expect(recordedScalars(snapshot!)).toBe(8 + 8 + 12 + 6 + 3);
});
