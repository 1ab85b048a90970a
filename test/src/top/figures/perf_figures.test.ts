import { expect, test } from 'vitest';
import type { PerfEventsData } from '../../../../src/model/snapshot.ts';
import { perSecond, ratio } from '../../../../src/top/figures/perf_figures.ts';

function perf(events: PerfEventsData['events'], more: Partial<PerfEventsData> = {}): PerfEventsData {
  return {
    available: true,
    cpu_cores: 'all',
    interval_ms: 100,
    sample_time: '1.0',
    elapsed_ms: 200,
    events,
    ...more,
  };
}

test('instructions per cycle', () => {
  const both = perf({
    cycles: { value: 1_000, total: 1_000, unit: null },
    instructions: { value: 1_800, total: 1_800, unit: null },
  });
  expect(ratio(both, 'instructions', 'cycles')).toEqual({ value: 1.8, estimated: false });
});

test('an event that shared its counter makes an estimate', () => {
  const shared = perf({
    cycles: { value: 1_000, total: 1_000, unit: null, running_percent: 60 },
    instructions: { value: 500, total: 500, unit: null },
  });
  expect(ratio(shared, 'instructions', 'cycles')).toMatchObject({ estimated: true });
});

test.each([
  [perf({}, { unsupported_events: ['cycles'] }), /cycles is not supported by this host/],
  [perf({}, { missing_events: ['cycles'] }), /perf does not know cycles/],
  [perf({ cycles: { value: null, total: null, unit: null } }), /cycles got no counter/],
  [perf({}, { error: 'perf is not installed' }), /perf is not installed/],
  [
    perf({ cycles: { value: 0, total: 0, unit: null }, instructions: { value: 1, total: 1, unit: null } }),
    /counted nothing/,
  ],
  [{ available: false, cpu_cores: 'all', interval_ms: 100, events: {} }, /has not reported yet/],
])('tells why there is none %#', (data, reason) => {
  expect(ratio(data, 'instructions', 'cycles')).toMatchObject({ missing: expect.stringMatching(reason) });
});

test('rates are over what the counts cover, not over what was asked for', () => {
  expect(perSecond(perf({ 'page-faults': { value: 50, total: 50, unit: null } }), 'page-faults')).toBe(250);
  expect(perSecond(perf({}), 'page-faults')).toBeUndefined();
});
