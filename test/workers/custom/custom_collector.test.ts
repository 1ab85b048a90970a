import { describe, expect, test } from 'vitest';
import type { Collector, CollectorModule } from '../../../workers/custom/collector.ts';
import { CustomCollector } from '../../../workers/custom/custom_collector.ts';

// Both ways to write one, as an author's compiler sees them.
class Counting {
  readonly name = 'counting';
  count = 0;
  collect() {
    return { count: ++this.count, half: { of_it: this.count / 2 } };
  }
}
const modules: CollectorModule[] = [Counting, () => new Counting(), async () => new Counting()];

function wrap(collect: () => unknown, rest: object = {}): CustomCollector {
  // What a module without types may do, no type would let through.
  const collector = { name: 'mine', collect, ...rest } as unknown as Collector;
  return new CustomCollector(collector);
}

describe('a collector of the user’s', () => {
  test('delivers copies of its data', () => {
    const counting = new CustomCollector(new Counting());
    expect(counting.safeCollect()).toEqual({ state: 'ok', data: { count: 1, half: { of_it: 0.5 } } });
    expect(counting.safeCollect()).toMatchObject({ state: 'ok', data: { count: 2 } });
    expect(modules).toHaveLength(3);
  });

  test('that has nothing to tell yet warms up', () => {
    expect(wrap(() => null).safeCollect()).toEqual({ state: 'warming_up' });
  });

  test.each([
    [
      'an error',
      () => {
        throw new Error('no\nmore');
      },
      'COLLECTOR_FAILED',
      'no',
    ],
    [
      'a text',
      () => {
        throw 'flat';
      },
      'COLLECTOR_FAILED',
      'flat',
    ],
    [
      'nothing',
      () => {
        throw undefined;
      },
      'COLLECTOR_FAILED',
      'undefined',
    ],
    [
      'a code of ours',
      () => {
        throw Object.assign(new Error('x'), { code: 'SOURCE_MISSING' });
      },
      'COLLECTOR_FAILED',
      'x',
    ],
  ])('that throws %s fails with a code', (_what, collect, code, message) => {
    expect(wrap(collect).safeCollect()).toEqual({ state: 'failed', code, message });
  });

  test('that returns a promise is told not to, and a rejection harms nobody', async () => {
    const outcome = wrap(() => Promise.reject(new Error('later'))).safeCollect();
    expect(outcome).toMatchObject({ state: 'failed', code: 'COLLECTOR_BAD_DATA' });
    expect(outcome.state === 'failed' && outcome.message).toMatch(/promise/);
    // An unhandled rejection would be raised in one of these turns and fail this file.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  });

  test('whose other methods throw says so with its next sample, once', () => {
    const collector = wrap(() => ({ a: 1 }), {
      reset() {
        throw new Error('reset burst');
      },
      close() {
        throw new Error('close burst');
      },
    });
    collector.reset();
    expect(collector.safeCollect()).toMatchObject({ state: 'failed', message: 'reset burst' });
    expect(collector.safeCollect()).toMatchObject({ state: 'ok' });
    expect(() => collector.close()).not.toThrow();
  });

  test('is told the interval, and keeps its event loop if it wants to', () => {
    const told: number[] = [];
    const collector = wrap(() => null, { start: (ns: number) => told.push(ns), waitsInEventLoop: true });
    collector.start(1e8);
    expect(told).toEqual([1e8]);
    expect(collector.waitsInEventLoop).toBe(true);
    expect(wrap(() => null).waitsInEventLoop).toBe(false);
  });
});
