import { afterEach, describe, expect, test } from 'vitest';
import { Arrivals } from '../../../src/handover/arrivals.ts';
import type { Outcome, Schedule } from '../../../src/handover/messages.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import type { PackedRecord } from '../../../src/records/layout.ts';
import { Packer } from '../../../src/records/packer.ts';
import { MetricsAggregator } from '../../../src/sampling/metrics_aggregator.ts';
import type { Outage, ResultSink, SampledCollector } from '../../../src/sampling/sampled_collector.ts';

const WARMING_UP: Outcome<PackedRecord> = { state: 'warming_up' };
const OK: Outcome<PackedRecord> = {
  state: 'ok',
  elapsedNs: 100e6,
  data: new Packer().pack({ pgpgin_per_sec: 1, pgpgout_per_sec: 0 }),
};

/** A collector that answers when the test says so. */
class PuppetCollector implements SampledCollector {
  readonly name: string;
  enabled = true;
  outage: Outage | undefined;
  missedTicks: number | undefined;
  stopped = false;
  #sink: ResultSink | undefined;
  #schedule: Schedule | undefined;

  constructor(name: string) {
    this.name = name;
  }

  start(schedule: Schedule, sink: ResultSink): void {
    this.#schedule = schedule;
    this.#sink = sink;
  }

  reschedule(schedule: Schedule): void {
    this.#schedule = schedule;
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
  }

  deliver(): void {}

  async stop(): Promise<void> {
    this.stopped = true;
  }

  get started(): boolean {
    return this.#sink !== undefined;
  }

  answer(tick: number, outcome: Outcome<PackedRecord> = OK, epoch = this.#schedule!.epoch): void {
    const startedNs = tick * this.#schedule!.intervalNs + 2e6;
    this.outage = undefined;
    this.missedTicks = 4;
    this.#sink!.results(this.name, epoch, [{ tick, startedNs, durationNs: 3e5, missedTicks: 4, outcome }]);
  }

  die(): void {
    this.outage = { code: 'THREAD_DIED', message: 'gone' };
    this.#sink!.outage(this.name);
  }
}

const running: MetricsAggregator[] = [];
afterEach(async () => {
  for (const aggregator of running.splice(0)) await aggregator.stop();
});

function aggregate(...names: string[]) {
  const collectors = names.map((name) => new PuppetCollector(name));
  const aggregator = new MetricsAggregator(collectors, { intervalMs: 100 });
  const snapshots: Snapshot[] = [];
  aggregator.subscribe((batch) => snapshots.push(...batch.map(({ snapshot }) => snapshot)));
  aggregator.start();
  running.push(aggregator);
  return { aggregator, snapshots, collectors };
}

describe('a snapshot', () => {
  test('holds what everybody answered for one tick, and how each fared', () => {
    const { snapshots, collectors } = aggregate('cpu', 'memory_bandwidth');
    collectors[0]!.answer(10, WARMING_UP);
    expect(snapshots).toHaveLength(0);
    collectors[1]!.answer(10);
    expect(snapshots[0]).toMatchObject({
      type: 'snapshot',
      sequence: 0,
      memory_bandwidth: { pgpgin_per_sec: 1 },
      sampling: {
        tick: 10,
        interval_ms: 100,
        lateness_ms: 2,
        missed_ticks: 0,
        collectors: {
          cpu: { state: 'warming_up' },
          memory_bandwidth: { state: 'ok', duration_ms: 0.3, elapsed_ms: 100, missed_ticks: 4 },
        },
      },
    });
    expect(snapshots[0]).not.toHaveProperty('cpu');
  });

  test('goes out without the late ones when the next tick begins', () => {
    const { snapshots, collectors } = aggregate('cpu', 'disk');
    for (const collector of collectors) collector.answer(1);
    collectors[0]!.answer(2);
    collectors[0]!.answer(3);
    expect(snapshots.at(-1)).toMatchObject({
      sequence: 1,
      sampling: { tick: 2, collectors: { cpu: { state: 'ok' }, disk: { state: 'late' } } },
    });
  });

  test('counts the ticks there was none for', () => {
    const { snapshots, collectors } = aggregate('cpu');
    for (const tick of [5, 6, 9, 10]) collectors[0]!.answer(tick);
    expect(snapshots.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(snapshots.map(({ sampling }) => sampling.missed_ticks)).toEqual([0, 0, 2, 2]);
    expect(snapshots[2]!.sampling.actual_interval_ms).toBe(300);
  });

  test('does not wait for a collector whose thread died, and says so', () => {
    const { snapshots, collectors } = aggregate('cpu', 'disk');
    collectors[0]!.answer(1);
    collectors[1]!.die();
    expect(snapshots).toHaveLength(1);
    collectors[0]!.answer(2);
    expect(snapshots[1]!.sampling.collectors.disk).toEqual({
      state: 'failed',
      code: 'THREAD_DIED',
      message: 'gone',
    });
    collectors[1]!.answer(3);
    collectors[0]!.answer(3);
    expect(snapshots[2]!.sampling.collectors.disk?.state).toBe('ok');
  });

  test('passes on a failure with its code', () => {
    const { snapshots, collectors } = aggregate('cpu');
    collectors[0]!.answer(1, { state: 'failed', code: 'SOURCE_MISSING', message: 'no /proc/stat' });
    expect(snapshots[0]!.sampling.collectors.cpu).toMatchObject({ state: 'failed', code: 'SOURCE_MISSING' });
  });

  test('comes, and says who is missing, even when nobody answers at all', async () => {
    const { aggregator } = aggregate('cpu');
    const snapshot = await aggregator.collectAll();
    expect(snapshot.sampling.collectors.cpu).toEqual({ state: 'warming_up' });
  });

  test('may be read in time order through the timestamp', () => {
    const { snapshots, collectors } = aggregate('cpu');
    for (const tick of [100, 101]) collectors[0]!.answer(tick);
    const [first, second] = snapshots.map(({ timestamp }) => Date.parse(timestamp));
    expect(second! - first!).toBe(100);
  });
});

describe('collectors', () => {
  test('may come and go while it runs', async () => {
    const { aggregator, snapshots, collectors } = aggregate('cpu');
    const disk = new PuppetCollector('disk');
    aggregator.addCollector(disk);
    expect(disk.started).toBe(true);
    collectors[0]!.answer(1);
    expect(snapshots).toHaveLength(0);
    await aggregator.removeCollector('disk');
    expect(disk.stopped).toBe(true);
    expect(snapshots).toHaveLength(1);
    expect(Object.keys(snapshots[0]!.sampling.collectors)).toEqual(['cpu']);
  });

  test('that are offered start when they are switched on', () => {
    const { aggregator, snapshots, collectors } = aggregate('cpu');
    const disk = new PuppetCollector('disk');
    aggregator.offerCollector('disk', () => disk);
    expect(aggregator.notStarted).toEqual(['disk']);
    aggregator.setEnabled('disk', false);
    expect(disk.started).toBe(false);
    aggregator.setEnabled('disk', true);
    expect(disk.started).toBe(true);
    expect(aggregator.notStarted).toEqual([]);
    aggregator.setEnabled('disk', true);
    expect(aggregator.collectors.map(({ name }) => name)).toEqual(['cpu', 'disk']);
    collectors[0]!.answer(10);
    expect(snapshots).toEqual([]);
    disk.answer(10);
    expect(snapshots[0]?.sampling.collectors).toMatchObject({ cpu: { state: 'ok' }, disk: { state: 'ok' } });
    expect(() => aggregator.setEnabled('dsk', true)).toThrow(/cpu, disk; the nearest is "disk"$/);
  });

  test('have one name each', () => {
    const { aggregator } = aggregate('cpu');
    expect(() => aggregator.addCollector(new PuppetCollector('cpu'))).toThrow(
      expect.objectContaining({ code: 'COLLECTOR_DUPLICATE' }),
    );
    expect(() => aggregator.setEnabled('gpu', true)).toThrow(
      expect.objectContaining({ code: 'COLLECTOR_UNKNOWN' }),
    );
  });

  test('that are disabled are not waited for', () => {
    const { aggregator, snapshots, collectors } = aggregate('cpu', 'disk');
    aggregator.setEnabled('disk', false);
    collectors[0]!.answer(1);
    expect(snapshots[0]!.sampling.collectors.disk).toEqual({ state: 'disabled' });
    aggregator.setEnabled('disk', true);
    collectors[0]!.answer(2);
    expect(snapshots).toHaveLength(1);
    collectors[1]!.answer(2);
    expect(snapshots).toHaveLength(2);
  });

  test('answer the new interval, and answers to the old one are not believed', () => {
    const { aggregator, snapshots, collectors } = aggregate('cpu');
    collectors[0]!.answer(1_000);
    aggregator.setInterval(500);
    collectors[0]!.answer(1_001, OK, 0);
    collectors[0]!.answer(201);
    expect(snapshots.map(({ sampling }) => [sampling.tick, sampling.interval_ms])).toEqual([
      [1_000, 100],
      [201, 500],
    ]);
    expect(snapshots[1]!.sampling.missed_ticks).toBe(0);
  });
});

describe('the pace of main', () => {
  const TICKS = 40;

  /** Of this many ticks answered by everybody at once, those main is woken for. */
  function wokenFor(paceMs: number | undefined, intervalMs: number): number[] {
    const aggregator = new MetricsAggregator([], { intervalMs });
    const { arrivals } = aggregator;
    aggregator.setPace(paceMs);
    new Arrivals(arrivals).expect(1);
    const collector = new Arrivals(arrivals);
    collector.arrive(-1);
    const deliveryMs = Math.max(intervalMs, 10);
    return Array.from({ length: TICKS }, (_, delivery) => delivery).flatMap((delivery) =>
      collector.arrive(delivery) ? [(delivery + 1) * deliveryMs] : [],
    );
  }

  const multiplesOf = (ms: number, upTo: number): number[] =>
    Array.from({ length: Math.floor(upTo / ms) }, (_, i) => (i + 1) * ms);

  test.each([
    ['every tick, for who wants each', 0, 100, 100],
    ['the end of a longer interval', 1_000, 100, 1_000],
    ['every tick where the interval is no multiple', 250, 100, 100],
    ['nine tenths of a second when nobody waits', undefined, 100, 900],
    ['every tick when those are rarer', undefined, 1_000, 1_000],
    ['ten milliseconds at a thousand ticks a second', 0, 1, 10],
    ['a hundred, where a page draws ten frames a second', 100, 1, 100],
    ['a quarter of a second, which is what the ring has room for', undefined, 1, 250],
    ['a part of a second, for the same reason', 1_000, 1, 250],
  ])('is %s', (_, paceMs, intervalMs, everyMs) => {
    const upTo = TICKS * Math.max(intervalMs, 10);
    expect(wokenFor(paceMs, intervalMs)).toEqual(multiplesOf(everyMs, upTo));
  });

  test('does not keep the latest snapshot from who asks for it', async () => {
    const { aggregator, snapshots, collectors } = aggregate('cpu');
    aggregator.setPace(undefined);
    // What a ring holds, of which main was not notified.
    let left = [3, 4, 5];
    collectors[0]!.deliver = () => {
      for (const tick of left.splice(0)) collectors[0]!.answer(tick);
    };
    expect(aggregator.latest?.sampling.tick).toBe(5);
    expect(snapshots.map(({ sampling }) => sampling.tick)).toEqual([3, 4, 5]);
    left = [6];
    await aggregator.stop();
    expect(snapshots.at(-1)?.sampling.tick).toBe(6);
  });

  test('does not matter to who asks in the middle of being told', () => {
    const { aggregator, collectors } = aggregate('cpu');
    const seen: (number | undefined)[] = [];
    aggregator.subscribe(() => seen.push(aggregator.latest?.sampling.tick));
    collectors[0]!.answer(1);
    collectors[0]!.answer(2);
    expect(seen).toEqual([1, 2]);
  });
});
