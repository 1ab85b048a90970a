import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../src/history/journal/journal.ts';
import { readManifest } from '../src/history/segments/manifest.ts';
import type { Snapshot } from '../src/model/snapshot.ts';
import { EncodedSnapshot } from '../src/wire/encoded_snapshot.ts';
import { decodeFrame, decodeValue } from '../src/wire/packing/codec.ts';
import { isRecord } from '../src/wire/packing/message_pack.ts';
import type { LayoutFrame } from '../src/wire/protocol/frames.ts';
import { recordFrames } from '../src/wire/records/record_frames.ts';
import { RecordsDecoder } from '../src/wire/records/records_decoder.ts';
import { RecordsReader } from '../src/wire/records/records_reader.ts';
import { SnapshotReader } from '../src/wire/snapshot_reader.ts';
import { goldenSnapshots, packedGolden } from './support/golden_snapshots.ts';

const FORMATS = join(import.meta.dirname, 'fixtures/formats');
const path = (name: string): string => join(FORMATS, name);

/** Messages, each behind its length. */
function messagesIn(name: string): Buffer[] {
  const bytes = readFileSync(path(name));
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

describe('what was written once can be read for ever', () => {
  test.each(['journal-1.hzj', 'journal-2.hzj'])('%s', (name) => {
    const { frames, damagedBytes } = readJournal(path(name));
    expect(damagedBytes).toBe(0);
    const reader = new SnapshotReader();
    const snapshots: unknown[] = [];
    for (const frame of frames) {
      if (reader.header(frame) !== undefined) snapshots.push(reader.snapshot()!.snapshot);
    }
    expect(snapshots).toEqual(goldenSnapshots());
  });

  test.each(['records-1.bin', 'records-2.bin'])('%s', (name) => {
    const decoder = new RecordsDecoder();
    const snapshots: (Snapshot | undefined)[] = [];
    for (const message of messagesIn(name)) {
      const value = decodeValue(message);
      if (Array.isArray(value)) snapshots.push(decoder.decode(value) as Snapshot | undefined);
      else decoder.learn(value as LayoutFrame);
    }
    expect(snapshots).toEqual(goldenSnapshots());
  });

  test('snapshot-1.bin', () => {
    expect(messagesIn('snapshot-1.bin').map((message) => decodeFrame(message))).toEqual(goldenSnapshots());
  });

  test('manifest-1.json', () => {
    expect(readManifest(path('manifest-1.json'))).toMatchObject({
      version: 1,
      segments: [{ table: 'cpu', level: 'minute', rows: 3, fromMs: Date.UTC(2026, 0, 5, 10) }],
      garbage: [{ sinceMs: Date.UTC(2026, 0, 5, 10) + 1_000 }],
      sealedJournals: [expect.stringMatching(/\.hzj$/)],
    });
  });
});

describe('what is written today is what other programs expect', () => {
  test('as msgpack, byte for byte', () => {
    const made = packedGolden().map((packed) => Buffer.from(new EncodedSnapshot(packed).frame));
    expect(made).toEqual(messagesIn('snapshot-1.bin'));
  });

  test.each([1, 2] as const)('as records of protocol %d, byte for byte', (protocol) => {
    const made = [...recordFrames(packedGolden(), protocol)].map((frame) => Buffer.from(frame));
    expect(made).toEqual(messagesIn(`records-${protocol}.bin`));
  });

  test('as records of protocol 2 that say what they are before the first comes', () => {
    const reader = new RecordsReader();
    for (const frame of recordFrames(packedGolden(), 2)) {
      if (!isRecord(frame)) {
        expect(reader.learn(frame)).toBe(true);
        continue;
      }
      const known = reader.open(frame)!;
      const { keys, values } = known.layout;
      const row = new Float64Array(known.slots);
      expect(reader.read(row, 0)).toBe(true);
      const perf = values[keys.indexOf('perf_events')];
      expect(perf?.kind === 'map' && perf.values[perf.keys.indexOf('available')]).toEqual({ kind: 'flag' });
    }
  });
});
