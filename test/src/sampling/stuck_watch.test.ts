import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StuckWatch } from '../../../src/sampling/stuck_watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch() {
  const events: string[] = [];
  const watching = new StuckWatch({
    late: (ms) => events.push(`late ${ms}`),
    stuck: (ms) => {
      events.push(`stuck ${ms}`);
      watching.end();
    },
  });
  return { watching, events };
}

describe('a watch', () => {
  test('never complains of one that answers', () => {
    const { watching, events } = watch();
    watching.begin(100);
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(1_900);
      watching.heard();
    }
    expect(events).toEqual([]);
  });

  test('says late, then stuck, of one that has answered and does no more', () => {
    const { watching, events } = watch();
    watching.begin(100);
    watching.heard();
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual(['late 2000', 'stuck 4000']);
  });

  test('gives loading more time than answering', () => {
    const { watching, events } = watch();
    watching.begin(100);
    vi.advanceTimersByTime(9_000);
    expect(events.at(-1)).toBe('late 8000');
    vi.advanceTimersByTime(60_000);
    expect(events.at(-1)).toBe('stuck 10000');
  });

  test('is as patient as the interval is long', () => {
    const { watching, events } = watch();
    watching.begin(3_600_000);
    watching.heard();
    vi.advanceTimersByTime(3 * 3_600_000);
    expect(events).toEqual([]);
  });

  test('that has ended is silent', () => {
    const { watching, events } = watch();
    watching.begin(100);
    watching.end();
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([]);
  });
});
