import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joined } from '../../../../src/history/segments/incident_windows.ts';
import type { OutboxFile, Segment } from '../../../../src/history/segments/manifest.ts';
import { expired, type Incidents, worthOf } from '../../../../src/history/segments/retention.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;
const LIMITS = {
  retentionMs: 24 * HOUR_MS,
  incidentRetentionMs: 300 * HOUR_MS,
  rollupRetentionMs: 500 * HOUR_MS,
  retentionBytes: 1e15,
};
const NONE: Incidents = { windows: [], uncut: new Set() };

const levels = ['minute', 'hour', 'day'] as const;
const segments = fc
  .array(
    fc
      .record({
        table: fc.constantFrom('cpu', 'memory', 'cpu_1s', 'cpu_1m'),
        level: fc.constantFrom(...levels),
        isCutOut: fc.boolean(),
        hoursAgo: fc.integer({ min: 0, max: 900 }),
        bytes: fc.integer({ min: 1, max: 1_000 }),
      })
      .map(({ table, level, isCutOut, ...rest }) => ({
        table,
        level: isCutOut && !table.includes('_1') ? ('incident' as const) : level,
        ...rest,
      })),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ table, level, hoursAgo, bytes }, index): Segment => {
      const fromMs = NOW_MS - (hoursAgo + 1) * HOUR_MS;
      return { table, file: String(index), level, fromMs, toMs: fromMs + HOUR_MS - 1, rows: 1, bytes };
    }),
  );
const incidents = fc
  .array(fc.record({ hoursAgo: fc.integer({ min: 0, max: 900 }), lasted: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 10,
  })
  .map((all): Incidents => {
    const windows = all.map(({ hoursAgo, lasted }) => {
      const fromMs = NOW_MS - hoursAgo * HOUR_MS + 60_000;
      return { fromMs, toMs: fromMs + lasted * HOUR_MS + 60_000 };
    });
    return { windows: joined(windows), uncut: new Set() };
  });
const KEPT_MS = {
  raw: LIMITS.retentionMs,
  incident: LIMITS.incidentRetentionMs,
  rollup: LIMITS.rollupRetentionMs,
};
const ORDER = ['raw', 'incident', 'rollup'];
const rankOf = (segment: Segment): number => ORDER.indexOf(worthOf(segment));
const isTouched = (segment: Segment, { windows }: Incidents): boolean =>
  windows.some(({ fromMs, toMs }) => fromMs <= segment.toMs && segment.fromMs <= toMs);

describe('what is kept no longer', () => {
  test('is never younger than it may become, where there is room', () => {
    fc.assert(
      fc.property(segments, incidents, (all, around) => {
        const { gone, toCut } = expired(all, LIMITS, around, NOW_MS);
        for (const segment of all) {
          if (gone.has(segment.file) || toCut.has(segment.file))
            expect(NOW_MS - segment.toMs).toBeGreaterThan(KEPT_MS[worthOf(segment)]);
        }
      }),
    );
  });

  test('is all that is older, but for minutes whose rollups are not made yet', () => {
    fc.assert(
      fc.property(segments, incidents, (all, around) => {
        const { gone, toCut } = expired(all, LIMITS, around, NOW_MS);
        for (const segment of all) {
          if (segment.level !== 'minute' && NOW_MS - segment.toMs > KEPT_MS[worthOf(segment)])
            expect([...gone, ...toCut]).toContain(segment.file);
        }
      }),
    );
  });

  test('is cut where it has something of an incident in it and is no more than raw, and else goes as it is', () => {
    fc.assert(
      fc.property(segments, incidents, fc.integer({ min: 0, max: 20_000 }), (all, around, retentionBytes) => {
        const { gone, toCut } = expired(all, { ...LIMITS, retentionBytes }, around, NOW_MS);
        for (const segment of all) {
          const isLeaving = gone.has(segment.file) || toCut.has(segment.file);
          const isCut = worthOf(segment) === 'raw' && isTouched(segment, around);
          if (isLeaving) expect(toCut.has(segment.file)).toBe(isCut);
        }
      }),
    );
  });

  test('leaves no more than there is room for: raw rows, those around incidents, rollups, the oldest of each first', () => {
    fc.assert(
      fc.property(segments, incidents, fc.integer({ min: 0, max: 20_000 }), (all, around, retentionBytes) => {
        const leaving = (limits: typeof LIMITS): Set<string> => {
          const { gone, toCut } = expired(all, limits, around, NOW_MS);
          return new Set([...gone, ...toCut]);
        };
        const gone = leaving({ ...LIMITS, retentionBytes });
        const kept = all.filter(({ file }) => !gone.has(file));
        expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(retentionBytes);
        const byAge = leaving(LIMITS);
        const forRoom = all.filter(({ file }) => gone.has(file) && !byAge.has(file));
        for (const dropped of forRoom) {
          for (const segment of kept) {
            if (rankOf(dropped) === rankOf(segment)) expect(dropped.toMs).toBeLessThanOrEqual(segment.toMs);
            else expect(rankOf(dropped)).toBeLessThan(rankOf(segment));
          }
        }
      }),
    );
  });

  test('is gone with its incidents where these could not be cut out and there is no room to wait', () => {
    const segment = (file: string, hoursAgo: number): Segment => {
      const fromMs = NOW_MS - hoursAgo * HOUR_MS;
      return { table: 'cpu', file, level: 'hour', fromMs, toMs: fromMs + 1_000, rows: 1, bytes: 10 };
    };
    const all = [segment('failed', 30), segment('old', 29), segment('young', 2)];
    const windows = [{ fromMs: 0, toMs: NOW_MS }];
    const around = { windows, uncut: new Set(['failed']) };
    const roomy = expired(all, LIMITS, around, NOW_MS);
    expect([roomy.gone, roomy.toCut]).toEqual([new Set(), new Set(['failed', 'old'])]);
    const tight = expired(all, { ...LIMITS, retentionBytes: 10 }, around, NOW_MS);
    expect([tight.gone, tight.toCut]).toEqual([new Set(['failed']), new Set(['old'])]);
    expect(expired(all, LIMITS, NONE, NOW_MS).gone).toEqual(new Set(['failed', 'old']));
  });
});

describe('what is to be handed over', () => {
  const hour = (hoursAgo: number, more: Partial<Segment> = {}): Segment => {
    const fromMs = NOW_MS - (hoursAgo + 1) * HOUR_MS;
    const file = `hour-${hoursAgo}`;
    return {
      table: 'cpu',
      file,
      level: 'hour',
      fromMs,
      toMs: fromMs + HOUR_MS - 1,
      rows: 1,
      bytes: 10,
      ...more,
    };
  };
  const waitingFor = (segment: Segment, isOtherName: boolean): OutboxFile => {
    const { table, fromMs, toMs, rows, bytes } = segment;
    const file = `waiting-${segment.file}`;
    return { table, file, fromMs, toMs, rows, bytes, ...(isOtherName && { segment: segment.file }) };
  };
  const limits = { ...LIMITS, outbox: { periodMs: HOUR_MS } };

  test('stays however old it is', () => {
    const segments = [
      hour(100),
      hour(101, { handedOver: true }),
      hour(100, { table: 'cpu_1s', file: 'rollup' }),
    ];
    expect(expired(segments, limits, NONE, NOW_MS).gone).toEqual(new Set(['hour-101']));
    expect(expired(segments, LIMITS, NONE, NOW_MS).gone).toEqual(new Set(['hour-100', 'hour-101']));
  });

  test('goes for want of room after what is elsewhere, and before rollups', () => {
    const gone = hour(1, { handedOver: true });
    const linked = hour(2, { handedOver: true });
    const copied = hour(3, { handedOver: true });
    const waits = hour(4);
    const rollup = hour(5, { table: 'cpu_1s' });
    const outbox = [waitingFor(linked, true), waitingFor(copied, false), waitingFor(hour(200), true)];
    const drop = (retentionBytes: number) => [
      ...expired([gone, linked, copied, waits, rollup], { ...limits, retentionBytes }, NONE, NOW_MS, outbox)
        .gone,
    ];
    expect(drop(70)).toEqual([]);
    expect(drop(60)).toEqual(['hour-3']);
    expect(drop(50)).toEqual(['hour-3', 'hour-1']);
    // Its other name goes with it: nothing would be gained otherwise.
    expect(drop(10)).toEqual([
      'hour-3',
      'hour-1',
      'waiting-hour-200',
      'hour-4',
      'waiting-hour-3',
      'hour-2',
      'waiting-hour-2',
    ]);
  });
});
