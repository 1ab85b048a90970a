import { describe, expect, test } from 'vitest';
import { SampleBatch } from '../../../../src/forward/encoding/sample_batch.ts';
import { SeriesRegistry } from '../../../../src/forward/encoding/series_registry.ts';
import { WriteRequestEncoder } from '../../../../src/forward/encoding/write_request.ts';
import { ChosenFields } from '../../../../src/forward/folding/chosen_fields.ts';
import { IntervalFold } from '../../../../src/forward/folding/interval_fold.ts';
import type { SnapshotSource } from '../../../../src/forward/reading/snapshot_source.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import type { PackedSnapshot } from '../../../../src/records/packed_snapshot.ts';
import { joinParts } from '../../../../src/records/parts.ts';
import { SnapshotPacker } from '../../../../src/records/snapshot_packer.ts';
import { metricsText } from '../../../../src/server/metrics/metrics.ts';
import { declaredSnapshots } from '../../../support/declared_snapshots.ts';
import { Exposition } from '../../../support/exposition.ts';
import { decodeWriteRequest, type WrittenSeries } from '../../../support/remote_write.ts';
import { wholeSnapshot } from '../../../support/snapshots.ts';

const START_MS = Date.UTC(2026, 0, 5, 10);
const PROCESS = { version: '0', nodeVersion: '0', cpuSeconds: 0, residentBytes: 0, startedSeconds: 0 };

/** What is sent of some snapshots, by name and labels. */
function sent(
  snapshots: readonly Snapshot[],
  full: readonly string[],
  intervalMs = 1_000,
): Map<string, WrittenSeries> {
  const series = new SeriesRegistry({ host: 'h' });
  const batch = new SampleBatch();
  const fold = new IntervalFold(intervalMs, series, new ChosenFields(full));
  const packer = new SnapshotPacker();
  for (const snapshot of snapshots) fold.add(sourceAt(packer.pack(snapshot)), batch);
  const decoded = decodeWriteRequest(new WriteRequestEncoder().encode(batch, series.encoded));
  return new Map(decoded.map((each) => [keyOf(each.labels), each]));
}

function keyOf({ host: _, ...labels }: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sourceAt(snapshot: PackedSnapshot): SnapshotSource {
  const { layout, row } = joinParts(snapshot.parts);
  return {
    unixUs: snapshot.moment.unixUs,
    sequence: snapshot.sequence,
    layout,
    row,
    position: { journal: '', sequence: snapshot.sequence },
    skipped: 0,
    next: () => false,
    seek: () => {},
  };
}

/** Snapshots a tenth of a second apart whose CPU is as busy as that. */
function busy(...percents: readonly (number | undefined)[]): Snapshot[] {
  return percents.map((usage_percent, i) => {
    const snapshot = wholeSnapshot(i);
    const timestamp = new Date(START_MS + 100 * i).toISOString().replace('Z', '000Z');
    const cpu = { ...snapshot.cpu!, usage_percent, user_seconds: 10 + i / 10 };
    return { ...snapshot, sequence: i, timestamp, cpu } as Snapshot;
  });
}

const named = (name: string, labels: Record<string, string> = {}): string =>
  keyOf({ __name__: name, ...labels });

describe('of an interval', () => {
  const percents = [1, 1, 97.256, 1, 1, 1, 1, 1, 1, 2.004];
  const series = sent(busy(...percents, 0), []);

  test('a spike of a tenth of a second is there, at its end', () => {
    const at = START_MS + 1_000;
    const of = (suffix: string) => series.get(named(`hzstat_cpu_usage_ratio${suffix}`))?.samples;
    expect(of('_min')).toEqual([{ value: 0.01, unixMs: at }]);
    expect(of('_max')).toEqual([{ value: 0.9726, unixMs: at }]);
    expect(of('_avg')).toEqual([{ value: 0.1073, unixMs: at }]);
    expect(of('')).toBeUndefined();
  });

  test('counters are as they were last, when they were', () => {
    expect(series.get(named('hzstat_cpu_seconds_total', { mode: 'user' }))?.samples).toEqual([
      { value: 10.9, unixMs: START_MS + 900 },
    ]);
  });

  test('states are told in numbers', () => {
    expect(series.get(named('hzstat_collector_up', { collector: 'cpu' }))?.samples).toEqual([
      { value: 1, unixMs: START_MS + 900 },
    ]);
    expect(series.get(named('hzstat_snapshots_total'))?.samples).toEqual([
      { value: 10, unixMs: START_MS + 900 },
    ]);
  });

  test('nothing is told before it is over', () => {
    expect(sent(busy(...percents), []).size).toBe(0);
  });

  test('what was absent all the time makes no series, and what was now and then counts when it was there', () => {
    const absent = sent(busy(undefined, undefined, ...Array(8).fill(undefined), 5), []);
    expect(absent.has(named('hzstat_cpu_usage_ratio_avg'))).toBe(false);
    const some = sent(busy(undefined, 4, 8, ...Array(7).fill(undefined), 5), []);
    expect(some.get(named('hzstat_cpu_usage_ratio_avg'))?.samples).toEqual([
      { value: 0.06, unixMs: START_MS + 1_000 },
    ]);
  });
});

test('a chosen field is sent at every tick under its own name, and not a second time', () => {
  const series = sent(busy(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), ['cpu.usage_percent']);
  expect(series.get(named('hzstat_cpu_usage_ratio'))?.samples).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((percent, i) => ({
      value: percent / 100,
      unixMs: START_MS + 100 * i,
    })),
  );
  expect(series.has(named('hzstat_cpu_usage_ratio_max'))).toBe(false);
  expect(series.has(named('hzstat_cpu_mode_ratio_max', { mode: 'user' }))).toBe(true);
});

/** By how much rounding to what means something may change a number. */
function roundingOf(key: string): number {
  if (key.includes('_ratio"')) return 0.000_051;
  return key.includes('_seconds') || key.includes('hzstat_load') ? 0.005_1 : 0.51;
}

describe('with everything chosen', () => {
  test.each([1, 2, 3, 4, 5])('names, labels and numbers are those of /metrics (%i)', (seed) => {
    const snapshots = declaredSnapshots(seed, 2, START_MS);
    const [first] = snapshots;
    const series = sent([first!], ['*']);
    const { families } = new Exposition(metricsText(first!, PROCESS));
    const scraped = new Map(
      [...families].flatMap(([name, family]) =>
        family.series.map(({ labels, value }) => [keyOf({ __name__: name, ...labels }), value] as const),
      ),
    );
    expect(series.size).toBeGreaterThan(50);
    for (const [key, { samples }] of series) {
      const value = scraped.get(key);
      expect(value, key).toBeDefined();
      expect(samples, key).toHaveLength(1);
      expect(Math.abs(samples[0]!.value - value!), key).toBeLessThanOrEqual(
        roundingOf(key) + Math.abs(value!) * 1e-12,
      );
    }
    const worded =
      /^hzstat_(snapshot|budget|collector_(up|enabled|failure)|history|process|build|disk_partition_stuck|perf_user_space_only)/;
    const missing = [...scraped.keys()].filter((key) => !series.has(key));
    const named_ = missing.map((key) => new Map<string, string>(JSON.parse(key)).get('__name__')!);
    expect(named_.filter((name) => !worded.test(name))).toEqual([]);
  });
});

test('what is folded again from the beginning of an interval is the same', () => {
  const snapshots = busy(...Array.from({ length: 35 }, (_, i) => (i * 37) % 101));
  const whole = sent(snapshots, []);
  const again = sent(snapshots.slice(10), []);
  expect(again.size).toBe(whole.size);
  for (const [key, { samples }] of again) {
    const all = whole.get(key)!.samples;
    expect(samples, key).toEqual(all.slice(all.length - samples.length));
    expect(samples.length, key).toBe(2);
  }
});
