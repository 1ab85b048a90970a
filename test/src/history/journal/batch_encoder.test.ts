import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchEncoder } from '../../../../src/history/journal/batch_encoder.ts';
import { UNIX_US } from '../../../../src/history/rows/row_header.ts';
import { type Batch, SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import { SnapshotRowReader } from '../../../../src/history/rows/snapshot_rows.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../../../src/records/snapshot_packer.ts';
import { decodeFrame, encodeFrame } from '../../../../src/wire/packing/codec.ts';
import { SnapshotReader } from '../../../../src/wire/snapshot_reader.ts';
import { recordsIn, snapshotAt } from '../../../support/history.ts';

const leaf = fc.oneof(
  // Minus zero becomes zero, as it does in JSON.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
// The decoder renames that one key.
const key = fc.string({ maxLength: 12 }).filter((text) => text !== '__proto__');
const part = fc.dictionary(
  key,
  fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.dictionary(key, leaf, { maxKeys: 4 })),
  { maxKeys: 6, noNullPrototype: true },
);
const snapshot = fc.record({ cpu: fc.option(part, { nil: undefined }), disk: part, sampling: part });

function numbered(
  { cpu, disk, sampling }: { cpu: object | undefined; disk: object; sampling: object },
  i: number,
): Snapshot {
  const { type, timestamp } = snapshotAt(i, Date.UTC(2026, 0, 5) + i * 100);
  const whole: unknown = { type, sequence: i, timestamp, ...(cpu && { cpu }), disk, sampling };
  return whole as Snapshot;
}

/** The snapshots that can be read back of these frames. */
function readBack(frames: readonly Uint8Array[]): unknown[] {
  const reader = new SnapshotReader();
  const found: unknown[] = [];
  for (const frame of frames) {
    if (reader.header(frame) === undefined) continue;
    found.push(reader.snapshot()!.snapshot);
  }
  return found;
}

const packed = (
  snapshots: readonly Snapshot[],
  batch: SnapshotBatch,
  packer = new SnapshotPacker(),
): void => {
  for (const each of snapshots) batch.add(packer.pack(each));
};

describe('what is handed over and journalled', () => {
  test('is read back as it was, whatever it consists of', () => {
    fc.assert(
      fc.property(fc.array(fc.array(snapshot, { maxLength: 5 }), { maxLength: 4 }), (batches) => {
        const batch = new SnapshotBatch();
        const packer = new SnapshotPacker();
        const encoder = new BatchEncoder();
        const all: Snapshot[] = [];
        const frames: Uint8Array[] = [];
        for (const parts of batches) {
          const snapshots = parts.map((each, i) => numbered(each, all.length + i));
          all.push(...snapshots);
          packed(snapshots, batch, packer);
          frames.push(...recordsIn(encoder.encode(batch.take())));
        }
        expect(readBack(frames)).toEqual(all);
      }),
    );
  });

  test('is told what it means anew when a batch was lost', () => {
    const batch = new SnapshotBatch();
    const encoder = new BatchEncoder();
    packed([snapshotAt(0, 0)], batch);
    batch.take();
    batch.tellAnew();
    packed([snapshotAt(1, 100)], batch);
    expect(readBack(recordsIn(encoder.encode(batch.take())))).toEqual([snapshotAt(1, 100)]);
  });

  test('is what was handed over last, in memory that is used again', () => {
    const batch = new SnapshotBatch();
    const encoder = new BatchEncoder();
    const handOver = (count: number): Batch => {
      const snapshots = Array.from({ length: count }, (_, i) => snapshotAt(i, i * 100));
      packed(snapshots, batch);
      const taken = batch.take();
      expect(readBack(recordsIn(encoder.encode(taken)))).toEqual(snapshots);
      batch.giveBack(taken.rows);
      return taken;
    };
    const large = handOver(2_000);
    expect(handOver(1_500).rows.length).toBe(large.rows.length);
    expect(handOver(2_000).rows).toBe(large.rows);
    // Should there be fewer from now on, less memory will do.
    for (let i = 0; i < 200; i++) handOver(3);
    expect(handOver(3).rows.length).toBe(new SnapshotBatch().take().rows.length);
    handOver(2_000);
  });

  test('goes on when names come and go for ever', () => {
    const batch = new SnapshotBatch();
    const encoder = new BatchEncoder();
    const packer = new SnapshotPacker();
    for (let second = 0; second < 40; second++) {
      const snapshots = Array.from({ length: 50 }, (_, i) =>
        numbered({ cpu: undefined, disk: { [`veth${second * 50 + i}`]: i }, sampling: { tick: i } }, i),
      );
      packed(snapshots, batch, packer);
      expect(readBack(recordsIn(encoder.encode(batch.take())))).toEqual(snapshots);
    }
  });
});

describe('rows of a journal', () => {
  function timesOf(frames: readonly Uint8Array[]): number[] {
    const times: number[] = [];
    for (const { rows, stride, count } of new SnapshotRowReader().read(frames)) {
      for (let i = 0; i < count; i++) times.push(rows[i * stride + UNIX_US]! / 1_000);
    }
    return times;
  }

  test('can be read though the frame that says what they mean is damaged, as long as another says so', () => {
    const batch = new SnapshotBatch();
    const encoder = new BatchEncoder();
    const packer = new SnapshotPacker();
    const frames: Uint8Array[] = [];
    for (const ms of [0, 100, 200]) {
      packed([snapshotAt(ms / 100, ms)], batch, packer);
      frames.push(...recordsIn(encoder.encode(batch.take())));
    }
    expect(timesOf(frames)).toEqual([0, 100, 200]);
    expect(timesOf(frames.slice(1))).toEqual([0, 100, 200]);
  });

  test('come from whole snapshots, too, as they were journalled once', () => {
    const frames = [0, 100, 200].map((ms) => encodeFrame(snapshotAt(ms / 100, ms)));
    expect(timesOf(frames)).toEqual([0, 100, 200]);
    expect(readBack(frames)).toEqual(frames.map(decodeFrame));
  });

  test('leave out what is no snapshot', () => {
    const junk = [
      new Uint8Array([0x93, 1, 2]),
      new Uint8Array([0xc0]),
      new Uint8Array(),
      encodeFrame({ type: 'dropped', count: 1 }),
    ];
    expect(timesOf([...junk, encodeFrame(snapshotAt(5, 500)), ...junk])).toEqual([500]);
  });
});
