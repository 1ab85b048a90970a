import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import { expired } from '../../../../src/history/segments/retention.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;
const LIMITS = { retentionMs: 24 * HOUR_MS, rollupRetentionMs: 500 * HOUR_MS, retentionBytes: 1e15 };

const levels = ['minute', 'hour', 'day'] as const;
const segments = fc
  .array(
    fc.record({
      table: fc.constantFrom('cpu', 'memory', 'cpu_1s', 'cpu_1m'),
      level: fc.constantFrom(...levels),
      hoursAgo: fc.integer({ min: 0, max: 900 }),
      bytes: fc.integer({ min: 1, max: 1_000 }),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ table, level, hoursAgo, bytes }, index): Segment => {
      const fromMs = NOW_MS - (hoursAgo + 1) * HOUR_MS;
      return { table, file: String(index), level, fromMs, toMs: fromMs + HOUR_MS - 1, rows: 1, bytes };
    }),
  );
const isRaw = ({ table }: Segment): boolean => !table.includes('_1');
const keptMs = (segment: Segment): number => (isRaw(segment) ? LIMITS.retentionMs : LIMITS.rollupRetentionMs);

describe('what is kept no longer', () => {
  test('is never younger than it may become, where there is room', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const gone = expired(all, LIMITS, NOW_MS);
        for (const segment of all) {
          if (gone.has(segment.file)) expect(NOW_MS - segment.toMs).toBeGreaterThan(keptMs(segment));
        }
      }),
    );
  });

  test('is all that is older, but for minutes whose rollups are not made yet', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const gone = expired(all, LIMITS, NOW_MS);
        for (const segment of all) {
          if (segment.level !== 'minute' && NOW_MS - segment.toMs > keptMs(segment)) {
            expect(gone).toContain(segment.file);
          }
        }
      }),
    );
  });

  test('leaves no more than there is room for, raw rows going before rollups and the oldest first', () => {
    fc.assert(
      fc.property(segments, fc.integer({ min: 0, max: 20_000 }), (all, retentionBytes) => {
        const limits = { ...LIMITS, retentionBytes };
        const gone = expired(all, limits, NOW_MS);
        const kept = all.filter(({ file }) => !gone.has(file));
        expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(retentionBytes);
        const byAge = expired(all, LIMITS, NOW_MS);
        const forRoom = all.filter(({ file }) => gone.has(file) && !byAge.has(file));
        for (const dropped of forRoom) {
          for (const segment of kept) {
            if (isRaw(dropped) === isRaw(segment)) expect(dropped.toMs).toBeLessThanOrEqual(segment.toMs);
            else expect(isRaw(dropped)).toBe(true);
          }
        }
      }),
    );
  });
});
