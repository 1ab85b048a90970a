import { expect, test } from 'vitest';
import { HeldSnapshots, MemorySource } from '../../../../src/forward/reading/memory_source.ts';
import { SnapshotBatch } from '../../../../src/history/rows/snapshot_batch.ts';
import { joinParts } from '../../../../src/records/parts.ts';
import { packedAt, START_MS } from '../../../support/history.ts';

const LONG_US = 1e12;

/** Hands over batches of so many snapshots, one after another. */
function handOver(held: HeldSnapshots, ...counts: number[]): void {
  const batch = new SnapshotBatch();
  let sequence = 0;
  for (const count of counts) {
    for (let i = 0; i < count; i++, sequence++) batch.add(packedAt(sequence, START_MS + 100 * sequence));
    held.add(batch.take());
  }
}

function readAll(source: MemorySource): number[] {
  const sequences: number[] = [];
  while (source.next()) {
    sequences.push(source.sequence);
    const expected = joinParts(packedAt(source.sequence, START_MS + 100 * source.sequence).parts);
    expect([...source.row]).toEqual([...expected.row]);
    expect(source.layout).toEqual(expected.layout);
  }
  return sequences;
}

test('all snapshots are read once, and again from where somebody seeks', () => {
  const held = new HeldSnapshots(1e9, LONG_US);
  const source = new MemorySource(held);
  handOver(held, 3, 4);
  expect(readAll(source)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(readAll(source)).toEqual([]);
  source.seek({ journal: '', sequence: 2 });
  expect(readAll(source)).toEqual([2, 3, 4, 5, 6]);
  expect(source.skipped).toBe(0);
});

test('what is too old is given up, and counted by who had not read it', () => {
  const held = new HeldSnapshots(1e9, 500_000);
  const source = new MemorySource(held);
  handOver(held, 2);
  expect(readAll(source)).toEqual([0, 1]);
  handOver(held, 3, 4, 5);
  const read = readAll(source);
  expect(read.at(-1)).toBe(11);
  expect(source.skipped).toBe(read[0]! - 2);
  expect(source.skipped).toBeGreaterThan(0);
});

test('what everybody has had is released', () => {
  const held = new HeldSnapshots(1e9, LONG_US);
  handOver(held, 3, 4);
  held.release(3);
  expect(readAll(new MemorySource(held))).toEqual([3, 4, 5, 6]);
  expect(held.held).toHaveLength(1);
});
