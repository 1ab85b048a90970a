import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalRecords } from '../../src/history/journal/journal.ts';
import type { HistorySettings } from '../../src/history/segments/settings.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { PackedSnapshot } from '../../src/records/packed_snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { recordFrames } from '../../src/wire/records/record_frames.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** The beginning of an hour long ago, so that every hour of the tests is over. */
export const START_MS = Date.UTC(2026, 0, 5, 10);

export function temporaryDataDir(): { dataDir: string; remove: () => void } {
  const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-history-'));
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}

export function settingsFor(dataDir: string, overrides: Partial<HistorySettings> = {}): HistorySettings {
  return {
    dataDir,
    retentionMs: 100_000 * DAY_MS,
    incidentRetentionMs: 100_000 * DAY_MS,
    rollupRetentionMs: 100_000 * DAY_MS,
    retentionBytes: 1e12,
    journalMs: 60_000,
    hourMs: HOUR_MS,
    dayMs: DAY_MS,
    journalBytes: 24e6,
    ...overrides,
  };
}

/** A small snapshot whose numbers follow from its sequence number. */
export function snapshotAt(sequence: number, timeMs: number): Snapshot {
  const timestamp = new Date(timeMs).toISOString().replace('Z', '000Z');
  return {
    type: 'snapshot',
    sequence,
    timestamp,
    memory_bandwidth: {
      pgpgin_per_sec: sequence,
      pgpgout_per_sec: sequence / 3,
      pswpin_per_sec: null,
      pswpout_per_sec: 0,
      pgfault_per_sec: 100,
      pgmajfault_per_sec: 0,
      pgpgin: 2_048,
      pgpgout: 4_096,
      pswpin: 0,
      pswpout: 512,
      pgfault: 100_000,
      pgmajfault: 30,
      oom_kills: 0,
    },
    sampling: {
      tick: sequence,
      interval_ms: 100,
      lateness_ms: 0.25,
      missed_ticks: 0,
      memory_bytes: 5e7,
      collectors: { memory_bandwidth: { state: 'ok', lateness_ms: 0.1, duration_ms: 0.05, missed_ticks: 0 } },
    },
  };
}

const packer = new SnapshotPacker();

export function packedAt(sequence: number, timeMs: number): PackedSnapshot {
  return packer.pack(snapshotAt(sequence, timeMs));
}

/** The frames a journal holds of these snapshots: records, and what they mean. */
export function framesOf(snapshots: readonly PackedSnapshot[]): Uint8Array[] {
  return [...recordFrames(snapshots)];
}

/** What a journal appends of these frames. */
export function journalled(frames: readonly Uint8Array[]): Uint8Array {
  const records = new JournalRecords();
  for (const frame of frames) records.add(frame);
  return records.take();
}

/** The frames of what a journal appends. */
export function recordsIn(journalled: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(journalled);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32LE(at);
    frames.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return frames;
}
