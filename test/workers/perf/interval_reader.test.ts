import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PerfFormat } from '../../../workers/parse/perf_stat.ts';
import { PERF_EVENTS } from '../../../workers/perf/event_list.ts';
import { IntervalReader, type PerfInterval } from '../../../workers/perf/interval_reader.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/perf');

function read(text: string, format: PerfFormat, pieces: (text: string) => string[] = (all) => [all]) {
  const intervals: PerfInterval[] = [];
  const reader = new IntervalReader(format, PERF_EVENTS.length, (interval) => intervals.push(interval));
  for (const piece of pieces(text)) reader.push(piece);
  reader.end();
  return { intervals, unreadableLines: reader.unreadableLines };
}

function readFixture(name: string): ReturnType<typeof read> {
  const format = name.endsWith('.jsonl') ? 'json' : 'separated';
  return read(readFileSync(join(FIXTURES, name), 'utf8'), format);
}

/** What the made-up hosts count in their first interval. */
const FIRST: Readonly<Record<string, number>> = {
  'cpu-clock': 1600.25,
  'context-switches': 9_000,
  'page-faults': 4_500,
  cycles: 4_200_000_000,
  instructions: 6_300_000_000,
  branches: 1_050_000_000,
  'L1-dcache-loads': 1_575_000_000,
};

describe.each(['made-full-pmu.jsonl', 'made-full-pmu.csv', 'made-french-full-pmu.csv'])('%s', (name) => {
  test('tells every event of every interval', () => {
    const { intervals, unreadableLines } = readFixture(name);
    expect(unreadableLines).toBe(0);
    expect(intervals[0]!.sampleTime).toBe('0.200412345');
    expect(intervals[0]!.elapsedMs).toBeCloseTo(200.412, 3);
    expect(Object.keys(intervals[0]!.events).sort()).toEqual([...PERF_EVENTS].sort());
    for (const [event, value] of Object.entries(FIRST))
      expect(intervals[0]!.events[event]?.value).toBe(value);
    expect(intervals[0]!.events['cpu-clock']?.unit).toBe('msec');
    expect(intervals[0]!.events.cycles?.unit).toBeNull();
  });
});

describe('intervals', () => {
  test('follow one another, and the one cut short says how long it was', () => {
    const { intervals } = readFixture('made-full-pmu.jsonl');
    expect(intervals.map(({ sampleTime }) => sampleTime)).toEqual([
      '0.200412345',
      '0.401023456',
      '0.601512345',
      '0.700123456',
    ]);
    expect(intervals[3]!.elapsedMs).toBeCloseTo(98.611, 3);
    expect(intervals.map(({ events }) => events.cycles!.value! / 4.2e9)).toEqual([1, 2, 0.5, 0.49]);
  });

  test('are delivered with their last line, not with the first of the next', () => {
    const lines = readFileSync(join(FIXTURES, 'made-full-pmu.jsonl'), 'utf8').split('\n');
    const intervals: PerfInterval[] = [];
    const reader = new IntervalReader('json', PERF_EVENTS.length, (interval) => intervals.push(interval));
    for (const line of lines.slice(0, 16)) reader.push(`${line}\n`);
    expect(intervals).toHaveLength(0);
    reader.push(`${lines[16]}\n`);
    expect(intervals).toHaveLength(1);
  });

  test('carry the share of time a counter was really there', () => {
    const { events } = readFixture('made-full-pmu.jsonl').intervals[0]!;
    expect(events.branches?.running_percent).toBe(89.99);
    expect(events['branch-misses']?.running_percent).toBe(90);
    expect(events.cycles?.running_percent).toBe(100);
  });

  test.each(['made-hybrid.jsonl', 'made-hybrid.csv', 'made-hybrid-user.jsonl', 'made-arm-big-little.jsonl'])(
    'of two kinds of cores are added up: %s',
    (name) => {
      for (const { events } of readFixture(name).intervals.slice(0, 1)) {
        expect(events.cycles?.value).toBeCloseTo(4_200_000_000, -2);
        expect(events.instructions?.value).toBeCloseTo(6_300_000_000, -2);
      }
    },
  );

  test('that count user space only say so', () => {
    expect(readFixture('captured-vm-user-paranoid-2.jsonl').intervals[0]).toMatchObject({ userOnly: true });
    expect(readFixture('made-hybrid-user.jsonl').intervals[0]).toMatchObject({ userOnly: true });
    expect(readFixture('made-full-pmu.jsonl').intervals[0]).toMatchObject({ userOnly: false });
  });

  test('hold null, not zero, for what was never on a counter', () => {
    const { intervals } = readFixture('made-not-counted.jsonl');
    expect(intervals[0]!.events['LLC-loads']?.value).toBe(8_400_000);
    expect(intervals[1]!.events['LLC-loads']?.value).toBeNull();
    expect(intervals[0]!.unsupported).toContain('L1-icache-loads');
  });

  test('of a host without a PMU name what is not supported', () => {
    for (const name of ['captured-vm-no-pmu.jsonl', 'captured-vm-no-pmu.csv', 'captured-vm-french.jsonl']) {
      const { intervals } = readFixture(name);
      expect(Object.keys(intervals[0]!.events)).toEqual(PERF_EVENTS.slice(0, 4));
      expect(intervals[0]!.unsupported.sort()).toEqual(PERF_EVENTS.slice(4).sort());
    }
  });

  test('survive events that newer versions leave out', () => {
    const { intervals } = readFixture('made-newer-omits-events.jsonl');
    expect(intervals.length).toBeGreaterThan(1);
    for (const { events } of intervals) {
      expect(events.cycles?.value).toBeGreaterThan(0);
      expect(events['LLC-loads']).toBeUndefined();
    }
  });

  test('are not disturbed by garbage between their lines, which is counted', () => {
    const { intervals, unreadableLines } = readFixture('made-garbage.jsonl');
    expect(unreadableLines).toBeGreaterThanOrEqual(9);
    const good = intervals.find(({ sampleTime }) => sampleTime === '0.200412345');
    expect(good?.events.cycles?.value).toBe(4_200_000_000);
    expect(good?.events.instructions?.value).toBe(6_300_000_000);
    expect(good?.events['page-faults']?.value).toBe(123);
  });

  test('are the same however the output is cut into pieces', () => {
    const text = readFileSync(join(FIXTURES, 'made-full-pmu.jsonl'), 'utf8');
    const whole = read(text, 'json').intervals;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1 }), (lengths) => {
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < text.length; i++) {
          const length = lengths[i % lengths.length]!;
          pieces.push(text.slice(at, at + length));
          at += length;
        }
        expect(read(text, 'json', () => pieces).intervals).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  test('never contain anything but counts, whatever perf prints', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          interval: fc.oneof(fc.double(), fc.string()),
          'counter-value': fc.oneof(fc.double(), fc.string()),
          event: fc.constantFrom(...PERF_EVENTS),
          'pcnt-running': fc.oneof(fc.double(), fc.string()),
        })
        .map((fields) => JSON.stringify(fields)),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom<PerfFormat>('json', 'separated'), (lines, format) => {
        for (const { events } of read(lines.join('\n'), format).intervals) {
          for (const { value } of Object.values(events)) {
            expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('numbers that are none', () => {
  const line = (value: string, metric: string): string =>
    `{"interval" : 0.100000000, "counter-value" : ${value}, "unit" : "", "event" : "cycles", "event-runtime" : 100, "pcnt-running" : 100.00, "metric-value" : ${metric}, "metric-unit" : "GHz"}\n`;
  const eventsOf = (text: string): unknown => {
    let events: unknown;
    const reader = new IntervalReader('json', 1, (interval) => {
      events = interval.events;
    });
    reader.push(text);
    expect(reader.unreadableLines).toBe(0);
    return events;
  };

  test.each(['nan', '-nan', 'NaN', 'inf', '-inf', 'Infinity'])(
    '%s in a metric costs the count nothing',
    (metric) => {
      expect(eventsOf(line('"42.000000"', metric))).toMatchObject({ cycles: { value: 42 } });
    },
  );

  test.each(['nan', '-nan', '"nan"', '"-inf"', 'null'])(
    '%s for a count is no count, and the event is there',
    (value) => {
      expect(eventsOf(line(value, '0.0'))).toMatchObject({ cycles: { value: null } });
    },
  );

  test.each(['nan', '-nan', '<not counted>'])('%s for a count is none in separated values, too', (value) => {
    let events: unknown;
    const reader = new IntervalReader('separated', 2, (interval) => {
      events = interval.events;
    });
    reader.push(`0.100000000;${value};;cycles;100;100.00;nan;GHz\n0.100000000;7;;branches;100;nan;;\n`);
    expect(events).toEqual({
      cycles: { value: null, total: null, unit: null, running_percent: 100 },
      branches: { value: 7, total: null, unit: null },
    });
  });
});
