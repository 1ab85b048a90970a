import { describe, expect, test } from 'vitest';
import { BatchEncoder } from '../../../../src/history/journal/batch_encoder.ts';
import { snapshotsIn } from '../../../../src/history/journal/journal_snapshots.ts';
import { HeldSnapshots, RowBlocks } from '../../../../src/history/rows/held_snapshots.ts';
import { HEADER_SLOTS, SEQUENCE, UNIX_US } from '../../../../src/history/rows/row_header.ts';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import type { SnapshotRows } from '../../../../src/history/rows/snapshot_rows.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../../../src/records/snapshot_packer.ts';
import { unpack } from '../../../../src/records/unpack.ts';
import { recordsIn, snapshotAt } from '../../../support/history.ts';

/** More than a block holds. */
const MANY = 10_000;

/** The snapshots as objects. */
function asObjects(snapshots: readonly SnapshotRows[] | undefined): unknown[] {
  return (snapshots ?? []).flatMap(({ layout, rows, stride, count }) =>
    Array.from({ length: count }, (_, i) => {
      const row = rows.subarray(i * stride, (i + 1) * stride);
      return {
        unixUs: row[UNIX_US],
        sequence: row[SEQUENCE],
        values: unpack({ layout, row: row.slice(HEADER_SLOTS) }),
      };
    }),
  );
}

/** Snapshots of which now one collector fails and now another says something. */
function changing(sequence: number): Snapshot {
  const snapshot = snapshotAt(sequence, sequence * 100);
  if (sequence % 7 < 2) delete snapshot.memory_bandwidth;
  const state = sequence % 5 === 0 ? 'degraded' : 'ok';
  const collectors = { disk: { state, lateness_ms: sequence / 8, duration_ms: null, missed_ticks: 1 } };
  return { ...snapshot, sampling: { ...snapshot.sampling, collectors } } as Snapshot;
}

class Recording {
  readonly batch = new SnapshotBatch();
  readonly encoder = new BatchEncoder();
  readonly frames: Uint8Array[] = [];
  readonly #packer = new SnapshotPacker();
  #next = 0;

  /** Holds and journals so many snapshots, some at a time. */
  add(held: HeldSnapshots, count: number, atOnce: number): void {
    for (let left = count; left > 0; left -= atOnce) {
      for (let i = 0; i < Math.min(atOnce, left); i++) {
        this.batch.add(this.#packer.pack(changing(this.#next++)));
      }
      const batch = this.batch.take();
      this.frames.push(...recordsIn(this.encoder.encode(batch)));
      held.addBatch(batch, (id) => this.encoder.layoutOf(id));
    }
  }
}

describe('snapshots that are held', () => {
  test('are those that can be read in the journal', () => {
    const held = new HeldSnapshots(new RowBlocks());
    const recording = new Recording();
    recording.add(held, MANY, 130);
    const found = asObjects(held.snapshots);
    expect(found).toHaveLength(MANY);
    expect(found).toEqual(asObjects(snapshotsIn(recording.frames)));
  });

  test('are those there were when they were asked for, whatever comes later', () => {
    const held = new HeldSnapshots(new RowBlocks());
    const recording = new Recording();
    recording.add(held, 100, 10);
    const { snapshots } = held;
    const before = asObjects(snapshots);
    recording.add(held, MANY, 100);
    expect(asObjects(snapshots)).toEqual(before);
  });

  test('share memory with no others until they are released', () => {
    const blocks = new RowBlocks();
    const [first, second] = [new HeldSnapshots(blocks), new HeldSnapshots(blocks)];
    const recording = new Recording();
    recording.add(first, 100, 10);
    const { snapshots } = first;
    const before = asObjects(snapshots);
    // Someone may be sealing them right now.
    first.abandon();
    recording.add(second, 100, 10);
    expect(asObjects(snapshots)).toEqual(before);
    expect(first.snapshots).toBeUndefined();
  });

  test('are given up when there are too many, and memory serves the next', () => {
    const blocks = new RowBlocks(2);
    const recording = new Recording();
    for (let journal = 0; journal < 3; journal++) {
      const few = new HeldSnapshots(blocks);
      recording.add(few, 100, 10);
      expect(asObjects(few.snapshots)).toHaveLength(100);
      few.release();
      const many = new HeldSnapshots(blocks);
      recording.add(many, MANY, 100);
      expect(many.snapshots).toBeUndefined();
    }
  });

  test('may be larger than what is usual', () => {
    const held = new HeldSnapshots(new RowBlocks());
    const [small, large] = [5, 200_000];
    const layouts = new Map(
      [small, large].map((slots) => [slots, { kind: 'map', keys: [`${slots}`], values: [] } as const]),
    );
    const rows = [small, large, large, small].flatMap((slots) => [
      slots,
      slots,
      ...new Array<number>(2 + slots).fill(slots),
    ]);
    const batch = { rows: new Float64Array(rows), used: rows.length, count: 4, layouts: [], forget: false };
    held.addBatch(batch, (slots) => layouts.get(slots));
    const found = (held.snapshots ?? []).map(({ layout, rows, stride, count }) => {
      return [layout.keys, count, rows.subarray(0, 2 + Number(layout.keys[0])), stride - 4];
    });
    expect(found).toEqual([
      [[`${small}`], 1, new Float64Array(2 + small).fill(small), small],
      [[`${large}`], 1, new Float64Array(2 + large).fill(large), large],
      [[`${large}`], 1, new Float64Array(2 + large).fill(large), large],
      [[`${small}`], 1, new Float64Array(2 + small).fill(small), small],
    ]);
  });
});
