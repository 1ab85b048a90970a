import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleBatch } from '../../../../src/forward/encoding/sample_batch.ts';
import { SeriesRegistry } from '../../../../src/forward/encoding/series_registry.ts';
import { snappyBlock } from '../../../../src/forward/encoding/snappy.ts';
import { WriteRequestEncoder } from '../../../../src/forward/encoding/write_request.ts';
import { labelsOf } from '../../../../src/series/labels.ts';
import { decodeWrite, decodeWriteRequest, uncompressed } from '../../../support/remote_write.ts';

const NOW_MS = Date.UTC(2026, 10, 28);

describe('a write request', () => {
  const registry = new SeriesRegistry({ host: 'db-7', rack: 'r12' });

  test('has each series once, with its labels in order and its samples as they came', () => {
    const batch = new SampleBatch();
    const a = registry.numberOf('hzstat_b', labelsOf({ mode: 'user', core: '0' }));
    const b = registry.numberOf('hzstat_a', labelsOf({}));
    batch.at(NOW_MS);
    batch.add(a, 0.25);
    batch.add(b, -1e300);
    batch.at(NOW_MS + 100);
    batch.add(a, 0);
    const bytes = new WriteRequestEncoder().encode(batch, registry.encoded);
    expect(decodeWriteRequest(bytes)).toEqual([
      {
        labels: { __name__: 'hzstat_b', core: '0', host: 'db-7', mode: 'user', rack: 'r12' },
        samples: [
          { value: 0.25, unixMs: NOW_MS },
          { value: 0, unixMs: NOW_MS + 100 },
        ],
      },
      {
        labels: { __name__: 'hzstat_a', host: 'db-7', rack: 'r12' },
        samples: [{ value: -1e300, unixMs: NOW_MS }],
      },
    ]);
    expect(registry.numberOf('hzstat_b', labelsOf({ mode: 'user', core: '0' }))).toBe(a);
  });

  test('is what was put in, whatever that is', () => {
    const name = fc.string({ unit: 'binary', maxLength: 300 });
    const sample = fc.record({
      series: fc.nat({ max: 20 }),
      value: fc.double(),
      laterMs: fc.nat({ max: 3_000 }),
    });
    fc.assert(
      fc.property(fc.array(name, { minLength: 21, maxLength: 21 }), fc.array(sample), (devices, samples) => {
        const own = new SeriesRegistry({ host: 'h' });
        const batch = new SampleBatch();
        const expected = new Map<number, { value: number; unixMs: number }[]>();
        let unixMs = NOW_MS;
        for (const { series, value, laterMs } of samples) {
          unixMs += laterMs;
          const number = own.numberOf(`hzstat_${series}`, labelsOf({ device: devices[series]! }));
          batch.at(unixMs);
          batch.add(number, value);
          expected.set(number, [...(expected.get(number) ?? []), { value, unixMs }]);
        }
        const decoded = decodeWrite(snappyBlock(new WriteRequestEncoder().encode(batch, own.encoded)));
        expect(decoded.map((series) => series.samples)).toEqual(
          [...expected].sort(([one], [other]) => one - other).map(([, each]) => each),
        );
      }),
    );
  });

  test('of a time that no clock shows is not made', () => {
    const batch = new SampleBatch();
    batch.at(1_000);
    batch.add(registry.numberOf('hzstat_a', labelsOf({})), 1);
    expect(() => new WriteRequestEncoder().encode(batch, registry.encoded)).toThrow('no time of a sample');
  });

  test('can be larger than what its memory began with', () => {
    const batch = new SampleBatch();
    const series = registry.numberOf('hzstat_a', labelsOf({}));
    for (let i = 0; i < 20_000; i++) {
      batch.at(NOW_MS + i);
      batch.add(series, i);
    }
    const [only] = decodeWriteRequest(new WriteRequestEncoder().encode(batch, registry.encoded));
    expect(only?.samples).toHaveLength(20_000);
    expect(only?.samples.at(-1)).toEqual({ value: 19_999, unixMs: NOW_MS + 19_999 });
  });
});

test('what is compressed comes out again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300_000, size: 'max' }), fc.nat({ max: 9 }), (bytes, repeats) => {
      const whole = Buffer.concat(Array.from({ length: repeats + 1 }, () => bytes));
      expect(Buffer.compare(uncompressed(snappyBlock(whole)), whole)).toBe(0);
    }),
    { numRuns: 20 },
  );
});
