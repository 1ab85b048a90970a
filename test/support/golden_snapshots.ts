import type { Snapshot } from '../../src/model/snapshot.ts';
import type { PackedSnapshot } from '../../src/records/packed_snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';

const START_MS = Date.UTC(2026, 0, 5, 10);

/**
 * The three snapshots that are in every file of test/fixtures/formats: kinds of values there are (whole and broken
 * numbers, null, flags, texts that change and that do not, lists, maps), and a layout that changes in between.
 */
export function goldenSnapshots(): Snapshot[] {
  return [0, 1, 2].map((sequence) => {
    const time = new Date(START_MS + sequence * 100).toISOString().replace('Z', '123Z');
    const snapshot = {
      type: 'snapshot',
      sequence,
      timestamp: time,
      cpu: {
        usage_percent: 12.5 + sequence / 3,
        per_core: sequence === 2 ? [25, null, 0] : [25, null],
        load_avg_1m: sequence === 1 ? null : 0.25,
        temperature_celsius: null,
      },
      network: {
        bytes_recv: 2 ** 53 - 1 - sequence,
        interfaces: {
          eth0: { bytes_recv: 10 ** 12 + sequence, in_total: true },
          'wg "ü"': { bytes_recv: sequence, in_total: false },
        },
      },
      perf_events: { available: false, sample_time: `0.${sequence}00123`, error: 'not supported here' },
      sampling: {
        tick: 1_000 + sequence,
        interval_ms: 100,
        lateness_ms: 0.125,
        missed_ticks: 0,
        memory_bytes: 50_000_000,
        collectors: {
          cpu: { state: 'ok', lateness_ms: 0.1, duration_ms: 0.05, missed_ticks: 0, elapsed_ms: 100 },
        },
      },
    };
    return snapshot as unknown as Snapshot;
  });
}

export function packedGolden(): PackedSnapshot[] {
  const packer = new SnapshotPacker();
  return goldenSnapshots().map((snapshot) => packer.pack(snapshot));
}
