import { describe, expect, test } from 'vitest';
import type { Sample } from '../../bench/overhead/contender.ts';
import { onTimePercent, summarise } from '../../bench/overhead/summary.ts';
import { Window } from '../../bench/readers/window.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

function sample(cpuUs: number, snapshots: number, missed = 0): Sample {
  const usage = { elapsedUs: 1_000_000, cpuUs, userUs: cpuUs, systemUs: 0, childrenUs: 0, switches: 70 };
  return { snapshots, missed, usage, pssBytes: cpuUs };
}

function snapshot(tick: number, latenessMs: number, missedTicks: number): Snapshot {
  return {
    type: 'snapshot',
    sequence: tick,
    timestamp: '',
    sampling: {
      tick,
      interval_ms: 100,
      lateness_ms: latenessMs,
      missed_ticks: missedTicks,
      memory_bytes: 0,
      collectors: {},
    },
  };
}

describe('summarise', () => {
  test('takes the middle window, so that one disturbed window decides nothing', () => {
    const summary = summarise([sample(10_000, 10), sample(12_000, 10), sample(900_000, 10)], 10);
    expect(summary).toMatchObject({ cpu_us: 1_200, core_percent: 1.2, switches: 7, snapshots: 30 });
  });

  test('says nothing of latency where nobody listened', () => {
    const summary = summarise([sample(10_000, 10)], 10);
    expect(summary).not.toHaveProperty('latency_ms');
    expect(summary).not.toHaveProperty('on_time_percent');
    expect(summary).not.toHaveProperty('bytes_per_frame');
  });

  test('counts missed ticks of all windows', () => {
    expect(summarise([sample(1, 9, 1), sample(1, 8, 2)], 10).missed_ticks).toBe(3);
  });
});

describe('onTimePercent', () => {
  test('counts a tick read after the next was due like one that was missed', () => {
    expect(onTimePercent([{ lateness: [0.1, 0.2, 1.5], missed: 1 }], 1_000)).toBe(50);
  });
});

describe('a window of received frames', () => {
  test('measures from the moment a tick was due', () => {
    const window = new Window();
    window.count(300);
    window.observe(snapshot(50, 1, 4), 5_002e6);
    window.count(500);
    window.observe(snapshot(52, 2, 5), 5_203e6);
    expect(window.received(0)).toEqual({
      frames: 2,
      bytes: 800,
      latencies: [2, 3],
      lateness: [1, 2],
      missed: 1,
      lost: 0,
    });
  });
});
