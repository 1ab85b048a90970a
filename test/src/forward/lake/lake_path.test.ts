import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayManifestPath, lakePath, readLakePath } from '../../../../src/forward/lake/lake_path.ts';
import { lakeTitle, parseLakePlace } from '../../../../src/forward/lake/lake_place.ts';
import { periodName } from '../../../../src/history/segments/outbox.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2026, 10, 26, 10);

describe('the path of a file', () => {
  test('is what every engine reads as partitions', () => {
    const stem = periodName({ fromMs: FROM_MS, toMs: FROM_MS + HOUR_MS });
    expect(lakePath({ table: 'cpu', host: 'db-7', fromMs: FROM_MS }, stem)).toBe(
      'table=cpu/date=2026-11-26/host=db-7/20261126T1000Z-1h.parquet',
    );
    expect(dayManifestPath('2026-11-26', 'a/b')).toBe('_manifest/date=2026-11-26/host=a%2Fb.json');
  });

  test('says what is in it, whatever the host is called', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom(1, 2, 5, 10, 30, 60, 120, 360, 1_440),
        fc.constantFrom('', '.2', '.17'),
        (host, count, minutes, more) => {
          const fromMs = count * minutes * 60_000;
          const period = { fromMs, toMs: fromMs + minutes * 60_000 };
          const path = lakePath({ table: 'cpu_core', host, fromMs }, periodName(period) + more);
          expect(path.split('/')).toHaveLength(4);
          expect(readLakePath(path)).toEqual({ table: 'cpu_core', host, ...period });
        },
      ),
    );
  });

  test.each([
    'table=cpu/date=2026-11-26/host=a/.20261126T1000Z-1h.parquet.0123.tmp',
    'table=cpu/date=2026-11-26/host=a/other.parquet',
    'table=cpu/date=2026-11-27/host=a/20261126T1000Z-1h.parquet',
    'table=cpu/date=2026-11-26/host=a/20261126T1000Z-2d.parquet',
    'table=cpu/date=2026-11-26/host=%E0%A4%A/20261126T1000Z-1h.parquet',
    '_manifest/date=2026-11-26/host=a.json',
  ])('%s is none', (path) => {
    expect(readLakePath(path)).toBeUndefined();
  });
});

describe('the place of a lake', () => {
  test('is a directory or a bucket', () => {
    expect(parseLakePlace('/srv/lake/')).toEqual({ kind: 'directory', path: '/srv/lake' });
    expect(parseLakePlace('s3://metrics/a//b/')).toEqual({ kind: 's3', bucket: 'metrics', prefix: 'a/b' });
    expect(lakeTitle(parseLakePlace('s3://metrics'))).toBe('s3://metrics');
    expect(lakeTitle(parseLakePlace('s3://metrics/a'))).toBe('s3://metrics/a');
  });

  test.each(['', 's3://', 's3://UPPER/x', 'https://host/x', 'gs://bucket'])('"%s" is none', (text) => {
    expect(() => parseLakePlace(text)).toThrow('names no lake');
  });
});
