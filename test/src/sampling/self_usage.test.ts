import { describe, expect, test, vi } from 'vitest';
import { SelfUsage } from '../../../src/sampling/self_usage.ts';

const SECOND_NS = 1e9;

let nowNs = 0;
vi.mock('../../../src/base/clock.ts', () => ({ monotonicNs: () => nowNs }));

describe('what the sampler uses', () => {
  test('is of the time up to now, however long ago the tick was due', () => {
    const cpuUsage = vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
    const usage = new SelfUsage();
    // Nine tenths of a second of ticks at once, of which the first is as old as that.
    for (let turn = 1; turn <= 20; turn++) {
      nowNs = turn * 0.9 * SECOND_NS;
      cpuUsage.mockReturnValue({ user: turn * 9_000, system: turn * 9_000 });
      const refreshed = Array.from({ length: 9 }, (_, i) => usage.refresh(nowNs - (8 - i) * 1e8));
      expect(refreshed.filter((elapsedNs) => elapsedNs !== undefined)).toHaveLength(1);
      expect(usage.cpuPercent).toBeCloseTo(2, 9);
    }
  });

  test('is looked at about once a second', () => {
    nowNs = 0;
    const usage = new SelfUsage();
    let looks = 0;
    for (let tick = 1; tick <= 100; tick++) {
      nowNs = tick * 1e8;
      if (usage.refresh(nowNs) !== undefined) looks++;
    }
    expect(looks).toBe(11);
  });
});
