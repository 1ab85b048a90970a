import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { momentOf } from '../../../src/base/timestamps.ts';
import { PackedSnapshot } from '../../../src/records/packed_snapshot.ts';
import { Packer } from '../../../src/records/packer.ts';
import { decodeFrame, encodeFrame } from '../../../src/wire/packing/codec.ts';
import { encodeSnapshot } from '../../../src/wire/snapshot_encoder.ts';

const number = fc.oneof(
  // Minus zero becomes zero, as it does in JSON.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.constantFrom(
    0,
    -0.5,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    -32,
    -33,
    -128,
  ),
);
const leaf = fc.oneof(number, fc.boolean(), fc.string({ unit: 'binary', maxLength: 80 }), fc.constant(null));
const part = fc.dictionary(
  fc.string({ maxLength: 40 }),
  fc.oneof(leaf, fc.array(leaf, { maxLength: 20 }), fc.dictionary(fc.string(), leaf, { maxKeys: 20 })),
  { maxKeys: 20, noNullPrototype: true },
);

function packed(parts: Readonly<Record<string, object>>, sampling: object): PackedSnapshot {
  const records = Object.entries({ ...parts, sampling }).map(
    ([name, data]) => [name, new Packer().pack(data)] as const,
  );
  return new PackedSnapshot(70_000, momentOf('2026-01-02T03:04:05.678901Z'), new Map(records));
}

describe('the frame of a snapshot', () => {
  test('is a map another MessagePack library reads, and holds what the object holds', () => {
    fc.assert(
      fc.property(part, part, part, (cpu, disk, sampling) => {
        const snapshot = packed({ cpu, disk }, sampling);
        const frame = encodeSnapshot(snapshot);
        const expected = {
          type: 'snapshot',
          sequence: 70_000,
          timestamp: '2026-01-02T03:04:05.678901Z',
          cpu,
          disk,
          sampling,
        };
        // Decoders guard their readers against this key: one renames it, another refuses it.
        if (!JSON.stringify(expected).includes('__proto__')) {
          expect(decodeFrame(frame)).toEqual(expected);
          expect(decode(frame)).toEqual(expected);
        }
        expect(snapshot.snapshot).toEqual(expected);
      }),
    );
  });

  test('is not longer than what a general encoder makes of the object', () => {
    const cpu = {
      usage_percent: 12.5,
      per_core: [1.5, null, 0, 100],
      load_avg_1m: 0.25,
      frequency_mhz: null,
    };
    const snapshot = packed({ cpu }, { tick: 17_000_000_000, interval_ms: 100 });
    expect(encodeSnapshot(snapshot).length).toBeLessThanOrEqual(encodeFrame(snapshot.snapshot).length);
  });

  test('follows a collector whose names change', () => {
    const packer = new Packer();
    for (const names of [['eth0'], ['eth0', 'wg0'], ['wg0'], [], ['eth0']]) {
      const interfaces = Object.fromEntries(names.map((name, index) => [name, { bytes_sent: index }]));
      const parts = new Map([
        ['network', packer.pack({ interfaces })],
        ['sampling', packer.pack({ tick: 1 })],
      ]);
      const frame = encodeSnapshot(new PackedSnapshot(1, momentOf('t'), parts));
      expect(decode(frame)).toMatchObject({ network: { interfaces } });
    }
  });
});
