import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type IncidentWindow,
  incidentsIn,
  joined,
  windowOf,
  windowsWithin,
} from '../../../../src/history/segments/incident_windows.ts';

const AT = '2026-01-05T10:00:00.000Z';
const AT_MS = Date.parse(AT);
const AROUND_MS = 10_000;
const line = (incident: object): string => `${JSON.stringify(incident)}\n`;

describe('the lines of a file', () => {
  test('say when incidents began and ended, the last line of each counting', () => {
    const text = [
      line({ id: 'a', watch: 'cpu', began: AT, ended: null, processes: [] }),
      line({ id: 'b', began: '2026-01-05T10:01:00Z', ended: null, of_a_later_version: {} }),
      line({ id: 'a', began: AT, ended: '2026-01-05T10:00:02.500Z', processes: [{ pid: 1 }] }),
    ].join('');
    expect(incidentsIn(text)).toEqual([
      { beganMs: AT_MS, endedMs: AT_MS + 2_500 },
      { beganMs: AT_MS + 60_000 },
    ]);
  });

  test.each([
    ['cut short', '{"id":"b","began":"2026-01-05T10'],
    ['empty', '\n\n'],
    ['no object', 'null\n[]\n7\n"text"\n'],
    ['without an id', line({ began: AT, ended: null })],
    ['without a beginning', line({ id: 'b', ended: null })],
    ['with a time that is none', line({ id: 'b', began: 'yesterday', ended: null })],
    ['with an end that is none', line({ id: 'a', began: AT, ended: 5 })],
  ])('that are %s are passed over', (_, garbage) => {
    const text = `${line({ id: 'a', began: AT, ended: null })}${garbage}`;
    expect(incidentsIn(text)).toEqual([{ beganMs: AT_MS }]);
  });
});

describe('the window of an incident', () => {
  const NOW_MS = AT_MS + 600_000;

  test('reaches ten seconds beyond it on either side', () => {
    expect(windowOf({ beganMs: AT_MS, endedMs: AT_MS + 500 }, AT_MS - 1, NOW_MS)).toEqual({
      fromMs: AT_MS - AROUND_MS,
      toMs: AT_MS + 500 + AROUND_MS,
    });
  });

  test('reaches to now while it lasts, and to the restart when nobody saw it end', () => {
    expect(windowOf({ beganMs: AT_MS }, AT_MS - 1, NOW_MS).toMs).toBe(NOW_MS + AROUND_MS);
    expect(windowOf({ beganMs: AT_MS }, AT_MS + 5, NOW_MS).toMs).toBe(AT_MS + 5 + AROUND_MS);
  });

  test('has both ends also when the clock was set back in between', () => {
    expect(windowOf({ beganMs: AT_MS, endedMs: AT_MS - 5_000 }, 0, NOW_MS)).toEqual({
      fromMs: AT_MS - 5_000 - AROUND_MS,
      toMs: AT_MS + AROUND_MS,
    });
  });
});

describe('windows', () => {
  const windows = fc
    .array(fc.record({ fromMs: fc.integer({ min: 0, max: 500 }), length: fc.integer({ min: 0, max: 40 }) }))
    .map((all) => all.map(({ fromMs, length }): IncidentWindow => ({ fromMs, toMs: fromMs + length })));
  const isIn = (ms: number, all: readonly IncidentWindow[]): boolean =>
    all.some(({ fromMs, toMs }) => fromMs <= ms && ms <= toMs);

  test('that are joined cover the same moments, in order and apart', () => {
    fc.assert(
      fc.property(windows, (all) => {
        const result = joined(all);
        for (let ms = -1; ms <= 550; ms++) expect(isIn(ms, result)).toBe(isIn(ms, all));
        for (const [i, { fromMs }] of result.entries())
          if (i > 0) expect(fromMs).toBeGreaterThan(result[i - 1]!.toMs);
      }),
    );
  });

  test('of a stretch of time are all that have something of it', () => {
    const moment = fc.integer({ min: -10, max: 560 });
    fc.assert(
      fc.property(windows, moment, moment, (all, a, b) => {
        const stretch = { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
        const expected = joined(all).filter(
          ({ fromMs, toMs }) => fromMs <= stretch.toMs && stretch.fromMs <= toMs,
        );
        expect(windowsWithin(joined(all), stretch)).toEqual(expected);
      }),
    );
  });
});
