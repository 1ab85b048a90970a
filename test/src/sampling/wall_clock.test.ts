import { describe, expect, test } from 'vitest';
import { type Clocks, WallClock } from '../../../src/sampling/wall_clock.ts';

const MS = 1e6;

/** Clocks that move when told to. */
class TestClocks implements Clocks {
  monotonic = 5_000 * 1e9;
  unix = Date.UTC(2026, 0, 1);
  boot = 5_000_000;
  /** What reading the wall clock takes, while something else runs. */
  readingMs: number[] = [];

  monotonicNs = (): number => this.monotonic;
  uptimeSeconds = (): number => Math.floor(this.boot / 10) / 100;
  unixMsFromStart = (): number => this.unix;
  unixMs = (): number => {
    const taken = this.readingMs.shift() ?? 0;
    this.pass(taken);
    return Math.floor(this.unix);
  };

  pass(ms: number): void {
    this.monotonic += ms * MS;
    this.unix += ms;
    this.boot += ms;
  }

  suspend(ms: number): void {
    this.unix += ms;
    this.boot += ms;
  }
}

function watch() {
  const clocks = new TestClocks();
  const wall = new WallClock(clocks);
  return { clocks, wall, now: () => Date.parse(wall.moment(clocks.monotonic).text) };
}

describe('the wall clock', () => {
  test('counts on with the monotonic one', () => {
    const { clocks, wall, now } = watch();
    for (let tick = 0; tick < 100; tick++) {
      clocks.pass(99.7);
      wall.synchronise();
      expect(Math.abs(now() - clocks.unix)).toBeLessThanOrEqual(2);
      expect([wall.stepMs, wall.suspendedMs]).toEqual([0, 0]);
    }
  });

  test.each([3_600_000, -3_600_000, 400])('set by %d ms, it says so once', (step) => {
    const { clocks, wall, now } = watch();
    clocks.pass(100);
    clocks.unix += step;
    wall.synchronise();
    expect(wall.stepMs).toBeCloseTo(step, -1);
    expect(wall.suspendedMs).toBe(0);
    expect(Math.abs(now() - clocks.unix)).toBeLessThanOrEqual(1);
    clocks.pass(100);
    wall.synchronise();
    expect(wall.stepMs).toBe(0);
  });

  test('a machine that slept is not a clock that was set', () => {
    const { clocks, wall, now } = watch();
    clocks.pass(100);
    clocks.suspend(600_000);
    clocks.pass(40);
    wall.synchronise();
    expect(wall.suspendedMs).toBeCloseTo(600_000, -2);
    expect(wall.stepMs).toBe(0);
    expect(Math.abs(now() - clocks.unix)).toBeLessThanOrEqual(1);
  });

  test('slept and set on waking, it tells the two apart', () => {
    const { clocks, wall } = watch();
    clocks.suspend(60_000);
    clocks.unix -= 5_000;
    wall.synchronise();
    expect(wall.suspendedMs).toBeCloseTo(60_000, -2);
    expect(wall.stepMs).toBeCloseTo(-5_000, -2);
  });

  test('is adjusted little by little without a word', () => {
    const { clocks, wall, now } = watch();
    for (let tick = 0; tick < 1_000; tick++) {
      clocks.pass(100);
      clocks.unix += 0.05;
      wall.synchronise();
      expect(wall.stepMs).toBe(0);
    }
    expect(Math.abs(now() - clocks.unix)).toBeLessThanOrEqual(3);
  });

  test('an interruption between two readings is no step', () => {
    const { clocks, wall, now } = watch();
    clocks.pass(100);
    clocks.readingMs = [80, 300];
    wall.synchronise();
    expect([wall.stepMs, wall.suspendedMs]).toEqual([0, 0]);
    clocks.readingMs = [70, 70, 70, 70, 70, 70];
    wall.synchronise();
    expect(wall.stepMs).toBe(0);
    expect(Math.abs(now() - clocks.unix)).toBeLessThanOrEqual(2);
  });
});
