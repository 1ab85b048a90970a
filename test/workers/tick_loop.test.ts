import { statfs } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { monotonicNs } from '../../src/base/clock.ts';
import type { AnyData, Schedule, TickResult, ToCollector } from '../../src/handover/messages.ts';
import type { MemoryBandwidthData, Sources } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../../workers/base/base_collector.ts';
import type { Outlet } from '../../workers/result_outlet.ts';
import { TickLoop } from '../../workers/tick_loop.ts';
import { PortWait, type TickWait } from '../../workers/tick_wait.ts';

const MS = 1_000_000;

/** Counts its readings, and can take its time over one of them. */
class CountingCollector extends BaseCollector<MemoryBandwidthData> {
  readonly name = 'memory_bandwidth';
  readonly data: MemoryBandwidthData = {
    pgpgin_per_sec: 0,
    pgpgout_per_sec: 0,
    pswpin_per_sec: 0,
    pswpout_per_sec: 0,
    pgfault_per_sec: 0,
    pgmajfault_per_sec: 0,
    pgpgin: 2_048,
    pgpgout: 4_096,
    pswpin: 0,
    pswpout: 512,
    pgfault: 100_000,
    pgmajfault: 30,
    oom_kills: 0,
  };
  resets = 0;
  started: number[] = [];
  onCollect: (reading: number) => void = () => {};
  #readings = 0;

  override get waitsInEventLoop(): boolean {
    return true;
  }

  collect(): MemoryBandwidthData {
    this.data.pgfault_per_sec = ++this.#readings;
    this.onCollect(this.#readings);
    return this.data;
  }

  override start(intervalNs: number): void {
    this.started.push(intervalNs);
  }

  override reset(): void {
    this.resets++;
  }
}

/** Waits in real time, in the event loop, so that the test can listen meanwhile. */
class TestWait implements TickWait {
  readonly inbox: ToCollector[] = [];
  wake: () => void = () => {};

  block(): void {
    throw new Error('the test listens in the event loop');
  }

  sleep(deadlineNs: number): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      const leftMs = (deadlineNs - monotonicNs()) / MS;
      if (leftMs <= 0) setImmediate(resolve);
      else if (leftMs < 1e9) setTimeout(resolve, Math.ceil(leftMs));
    });
  }

  receive(): ToCollector | undefined {
    return this.inbox.shift();
  }

  tell(message: ToCollector): void {
    this.inbox.push(message);
    this.wake();
  }
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

type TestResult = TickResult<AnyData> & { epoch: number };

function run(schedule: Schedule, collector = new CountingCollector()) {
  const wait = new TestWait();
  const batches: TestResult[][] = [];
  const watchers: { count: number; resolve: () => void }[] = [];
  let batch: TestResult[] = [];
  const announced: Sources[] = [];
  let epoch = Number.NaN;
  const outlet: Outlet = {
    follow(schedule) {
      epoch = schedule.epoch;
    },
    watch() {},
    pause() {},
    announce: (sources) => announced.push(sources),
    add: (result) => batch.push({ ...structuredClone(result), epoch }),
    deliver() {
      batches.push(batch);
      batch = [];
      const total = batches.flat().length;
      for (const watcher of watchers) if (total >= watcher.count) watcher.resolve();
    },
  };
  const ended = new TickLoop(collector, wait, outlet, schedule).run();
  cleanups.push(() => wait.tell({ type: 'stop' }));
  const received = (count: number): Promise<TestResult[]> =>
    new Promise((resolve) => watchers.push({ count, resolve: () => resolve(batches.flat()) }));
  return { collector, wait, batches, received, ended, announced };
}

describe('the tick loop', () => {
  test('answers consecutive ticks at multiples of the interval', async () => {
    const { received } = run({ epoch: 3, intervalNs: 20 * MS, ticksPerDelivery: 1, ringRows: 64 });
    const results = await received(4);
    for (const [index, result] of results.entries()) {
      expect(result.startedNs).toBeGreaterThanOrEqual(result.tick * 20 * MS);
      const previous = results[index - 1];
      if (previous !== undefined) {
        const skipped = result.missedTicks - previous.missedTicks;
        expect(result.tick - previous.tick).toBe(1 + skipped);
      }
    }
  });

  test('counts the ticks it slept through and does not make up for them', async () => {
    const collector = new CountingCollector();
    collector.onCollect = (reading) => {
      const until = monotonicNs() + 130 * MS;
      if (reading === 2) while (monotonicNs() < until);
    };
    const { received } = run({ epoch: 0, intervalNs: 20 * MS, ticksPerDelivery: 1, ringRows: 64 }, collector);
    const results = await received(4);
    const ticks = results.map((result) => result.tick);
    expect(new Set(ticks).size).toBe(ticks.length);
    const afterStall = results[2]!;
    // From the reading that took so long, because a starved machine may have cost ticks before it, too.
    const stalled = results[1]!;
    const missed = afterStall.missedTicks - stalled.missedTicks;
    expect(missed).toBe(afterStall.tick - stalled.tick - 1);
    expect(missed).toBeGreaterThanOrEqual(6);
    // Back on the grid, not halfway between two ticks and then again at once.
    const gapNs = results[3]!.startedNs - afterStall.startedNs - afterStall.durationNs;
    expect(gapNs).toBeGreaterThanOrEqual(2.5 * MS);
  });

  test('delivers in batches that end at common multiples', async () => {
    const { received, batches } = run({ epoch: 0, intervalNs: 2 * MS, ticksPerDelivery: 5, ringRows: 64 });
    await received(20);
    for (const batch of batches) {
      const deliveries = new Set(batch.map((result) => Math.floor(result.tick / 5)));
      expect(deliveries.size).toBe(1);
    }
    const values = batches
      .flat()
      .map((result) =>
        result.outcome.state === 'ok' ? (result.outcome.data as MemoryBandwidthData) : undefined,
      )
      .map((data) => data?.pgfault_per_sec);
    expect(values).toEqual(values.map((_, index) => index + 1));
  });

  test('follows a new schedule under its epoch', async () => {
    const { wait, received, collector } = run({
      epoch: 0,
      intervalNs: 20 * MS,
      ticksPerDelivery: 1,
      ringRows: 64,
    });
    await received(1);
    wait.tell({
      type: 'schedule',
      schedule: { epoch: 1, intervalNs: 50 * MS, ticksPerDelivery: 1, ringRows: 64 },
    });
    const results = await received(4);
    expect(results[3]!.tick - results[2]!.tick).toBeGreaterThanOrEqual(1);
    expect(results[3]!.startedNs).toBeGreaterThanOrEqual(results[3]!.tick * 50 * MS);
    expect(collector.started).toEqual([20 * MS, 50 * MS]);
  });

  test('tells where figures come from when that changes', async () => {
    const collector = new CountingCollector();
    const sources = [{ a: { source: 'one' } }, { a: { source: 'two' } }];
    collector.onCollect = (reading) => {
      collector.sources = sources[Math.floor(reading / 3)];
    };
    const { received, announced } = run(
      { epoch: 0, intervalNs: 5 * MS, ticksPerDelivery: 1, ringRows: 64 },
      collector,
    );
    await received(7);
    expect(announced).toEqual(sources);
  });

  test('is silent while disabled and forgets what it read before', async () => {
    const { wait, received, collector, batches } = run({
      epoch: 0,
      intervalNs: 10 * MS,
      ticksPerDelivery: 1,
      ringRows: 64,
    });
    await received(1);
    wait.tell({ type: 'enable', enabled: false });
    await new Promise(setImmediate);
    const count = batches.length;
    expect(collector.resets).toBe(1);
    wait.tell({ type: 'enable', enabled: true });
    await received(count + 2);
    expect(collector.resets).toBe(2);
  });

  test('ends when told to', async () => {
    const { wait, ended } = run({ epoch: 0, intervalNs: 3_600_000 * MS, ticksPerDelivery: 1, ringRows: 64 });
    wait.tell({ type: 'stop' });
    await expect(ended).resolves.toBeUndefined();
  });

  test('lets in what is under way before the first tick and after each, though the thread blocks', async () => {
    class AskingCollector extends CountingCollector {
      readonly answersBefore: number[] = [];
      #answers = 0;
      #underWay = 0;

      override collect(): MemoryBandwidthData {
        this.answersBefore.push(this.#answers);
        this.#ask(2);
        return super.collect();
      }

      override start(): void {
        this.#ask(2);
      }

      override needsEventLoop(): boolean {
        return this.#underWay > 0;
      }

      /** A chain of questions, each asked when the one before is answered. */
      #ask(questions: number): void {
        this.#underWay++;
        statfs('/', () => {
          this.#underWay--;
          this.#answers++;
          if (questions > 1) this.#ask(questions - 1);
        });
      }
    }
    const { port1, port2 } = new MessageChannel();
    cleanups.push(() => port1.close());
    const control = new SharedArrayBuffer(4);
    const collector = new AskingCollector();
    collector.onCollect = (reading) => {
      if (reading < 3) return;
      port2.postMessage({ type: 'stop' });
      Atomics.add(new Int32Array(control), 0, 1);
    };
    const schedule = { epoch: 1, intervalNs: 200 * MS, ticksPerDelivery: 1, ringRows: 64 };
    const silent: Outlet = {
      follow() {},
      add() {},
      watch() {},
      pause() {},
      announce() {},
      deliver() {},
    };
    await new TickLoop(collector, new PortWait(control, port1), silent, schedule).run();
    expect(collector.answersBefore).toEqual([2, 4, 6]);
  });
});
