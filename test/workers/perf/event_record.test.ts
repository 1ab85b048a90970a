import { expect, test } from 'vitest';
import { EventRecord } from '../../../workers/perf/event_record.ts';
import type { PerfInterval } from '../../../workers/perf/interval_reader.ts';

function interval(values: Readonly<Record<string, number | null>>): PerfInterval {
  const events = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, total: null, unit: null }]),
  );
  return { sampleTime: '1', elapsedMs: 100, events, unsupported: [], userOnly: false };
}

function take(record: EventRecord, values: Readonly<Record<string, number | null>>): (number | null)[] {
  const taken = interval(values);
  record.take(taken);
  return Object.values(taken.events).map(({ total }) => total);
}

test('totals add up what was counted, and begin when something was', () => {
  const record = new EventRecord(2);
  expect(take(record, { cycles: null })).toEqual([null]);
  expect(take(record, { cycles: 1_000 })).toEqual([1_000]);
  expect(take(record, { cycles: null })).toEqual([1_000]);
  expect(take(record, { cycles: 500 })).toEqual([1_500]);
});

test('what cannot have happened is in no total', () => {
  const record = new EventRecord(1);
  take(record, { cycles: 1_000 });
  expect(take(record, { cycles: 1e18 })).toEqual([1_000]);
});

test('a perf that is started anew goes on counting', () => {
  const record = new EventRecord(1);
  take(record, { 'page-faults': 10 });
  record.clear();
  expect(take(record, { 'page-faults': 5 })).toEqual([15]);
});
