import { expect, test } from 'vitest';
import { WorkClock } from '../../../src/sampling/work_clock.ts';

test('counts work, nested or not, without what is done for others in the middle of it', () => {
  let nowMs = 100;
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const clock = new WorkClock(() => nowMs);
  const result = clock.during(() => {
    pass(3);
    clock.during(() => pass(4));
    clock.except(() => pass(50));
    pass(5);
    return 'made';
  });
  pass(1_000);
  clock.except(() => pass(7));
  expect(result).toBe('made');
  expect(clock.takeMs()).toBe(12);
  expect(clock.takeMs()).toBe(0);
});

test('counts what ends with an error', () => {
  let nowMs = 0;
  const clock = new WorkClock(() => nowMs);
  const fail = (): never => {
    nowMs += 2;
    throw new Error('no');
  };
  expect(() => clock.during(fail)).toThrow('no');
  expect(() => clock.during(() => clock.except(fail))).toThrow('no');
  clock.during(() => {
    nowMs += 1;
  });
  expect(clock.takeMs()).toBe(3);
});
