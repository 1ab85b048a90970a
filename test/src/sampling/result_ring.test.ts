import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { Arrivals } from '../../../src/handover/arrivals.ts';
import type { AnyData, FromCollector, Outcome, TickResult } from '../../../src/handover/messages.ts';
import { unpack } from '../../../src/records/unpack.ts';
import { ResultInlet } from '../../../src/sampling/result_inlet.ts';
import { ResultOutlet } from '../../../workers/result_outlet.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** An outlet and the inlet it feeds, with messages passed on by hand. */
function pipe(arrivals = new Arrivals(Arrivals.allocate())) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const outlet = new ResultOutlet(port2, arrivals);
  outlet.follow({ epoch: 7, intervalNs: 10, ticksPerDelivery: 1, ringRows: 128 });
  const inlet = new ResultInlet();
  const heard: FromCollector['type'][] = [];
  const listen = (): void => {
    for (;;) {
      const received: { message: FromCollector } | undefined = receiveMessageOnPort(port1);
      if (received === undefined) return;
      heard.push(received.message.type);
      inlet.hear(received.message);
    }
  };
  const add = (tick: number, outcome: Outcome): void =>
    outlet.add({ tick, startedNs: tick * 10, durationNs: 3, missedTicks: 2, outcome });
  return { outlet, inlet, heard, listen, add };
}

function ok(data: object, elapsedNs?: number): Outcome {
  return { state: 'ok', data: data as AnyData, ...(elapsedNs !== undefined && { elapsedNs }) };
}

function dataOf([, { outcome }]: [number, TickResult]): unknown {
  return outcome.state === 'ok' ? unpack(outcome.data) : outcome;
}

describe('the ring between a collector and main', () => {
  test('carries results with everything that belongs to them', () => {
    const { inlet, listen, add } = pipe();
    add(5, ok({ a: 1, name: 'x' }, 100));
    listen();
    const [taken] = inlet.take();
    expect(taken).toMatchObject([
      7,
      { tick: 5, startedNs: 50, durationNs: 3, missedTicks: 2, outcome: { state: 'ok', elapsedNs: 100 } },
    ]);
    expect(dataOf(taken!)).toEqual({ a: 1, name: 'x' });
    expect(inlet.take()).toEqual([]);
  });

  test('carries states without data, and a failure with its code', () => {
    const { inlet, listen, add } = pipe();
    const outcomes: Outcome[] = [
      { state: 'warming_up' },
      { state: 'failed', code: 'SOURCE_MISSING', message: 'no such file' },
      { state: 'disabled' },
    ];
    for (const [tick, outcome] of outcomes.entries()) add(tick, outcome);
    listen();
    expect(inlet.take().map(([, result]) => result.outcome)).toEqual(outcomes);
  });

  test('needs a message only when something looks different', () => {
    const { inlet, heard, listen, add } = pipe();
    for (let tick = 0; tick < 20; tick++) add(tick, ok({ value: tick, list: [tick, null] }));
    listen();
    expect(heard).toEqual(['ring', 'layout']);
    expect(inlet.take().map(dataOf)).toEqual(
      Array.from({ length: 20 }, (_, tick) => ({ value: tick, list: [tick, null] })),
    );
    // To and fro between two looks that are known already.
    for (const tick of [20, 21, 22]) {
      add(tick, { state: 'failed', code: 'X', message: 'y' });
      add(tick, ok({ value: tick, list: [1, 2] }));
    }
    listen();
    expect(heard).toEqual(['ring', 'layout', 'layout']);
    expect(inlet.take()).toHaveLength(6);
  });

  test('makes room for more, and nothing of before is lost', () => {
    const { inlet, listen, add } = pipe();
    add(1, ok({ small: 1 }));
    const large = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
    add(2, ok(large));
    listen();
    expect(inlet.take().map(dataOf)).toEqual([{ small: 1 }, large]);
  });

  test('waits for the message that says what a row means', () => {
    const { inlet, listen, add } = pipe();
    add(1, ok({ a: 1 }));
    listen();
    inlet.take();
    add(2, ok({ b: 2 }));
    expect(inlet.take()).toEqual([]);
    listen();
    expect(inlet.take().map(dataOf)).toEqual([{ b: 2 }]);
  });

  test('loses the oldest rows, and those alone, when main sleeps too long', () => {
    const { inlet, listen, add } = pipe();
    for (let tick = 0; tick < 1_000; tick++) add(tick, ok({ tick }));
    listen();
    const ticks = inlet.take().map(([, { tick }]) => tick);
    expect(ticks.at(-1)).toBe(999);
    expect(ticks).toEqual(Array.from({ length: ticks.length }, (_, i) => 1_000 - ticks.length + i));
    expect(ticks.length).toBeGreaterThan(100);
  });
});

describe('arrivals', () => {
  /** Main's end, and one of each collector. */
  function meeting(collectors: number) {
    const buffer = Arrivals.allocate();
    const main = new Arrivals(buffer);
    main.expect(collectors);
    const ends = Array.from({ length: collectors }, () => new Arrivals(buffer));
    const arrive = (...deliveries: number[]): boolean[] =>
      deliveries.map((delivery, index) => ends[index]!.arrive(delivery));
    return { main, ends, arrive };
  }

  test('wake main once, when the last has come', () => {
    const { arrive } = meeting(3);
    for (let delivery = 0; delivery < 50; delivery++) {
      expect(arrive(delivery, delivery, delivery)).toEqual([false, false, true]);
    }
  });

  test('wake main at the end of a turn, however many deliveries that is', () => {
    const { main, arrive } = meeting(3);
    for (const every of [1, 9, 2, 25, 1]) {
      main.wakeEvery(every);
      // The turn under way may have begun with another length.
      const start = every * 40;
      arrive(start - 1, start - 1, start - 1);
      const woken = Array.from({ length: 10 * every }, (_, i) => arrive(start + i, start + i, start + i));
      const ends = woken.flatMap((each, i) => (each.includes(true) ? [start + i + 1] : []));
      expect(ends).toEqual(Array.from({ length: 10 }, (_, i) => start + (i + 1) * every));
    }
  });

  test('count for a turn also those who slept through its end', () => {
    const { main, arrive } = meeting(2);
    main.wakeEvery(10);
    arrive(0, 0);
    expect([arrive(9), arrive(9, 10)]).toEqual([[false], [false, true]]);
  });

  test('wake main at the next delivery when somebody has not come', () => {
    const { ends, arrive } = meeting(3);
    expect(arrive(8, 8)).toEqual([false, false]);
    expect(arrive(9)).toEqual([true]);
    expect([ends[1]!.arrive(9), ends[2]!.arrive(9)]).toEqual([false, true]);
  });

  test('wake main always when there is only one, also after deliveries nobody made', () => {
    const arrivals = new Arrivals(Arrivals.allocate());
    arrivals.expect(1);
    for (const delivery of [1, 2, 3, 40, 41, 57, 1_000_000]) expect(arrivals.arrive(delivery)).toBe(true);
  });
});
