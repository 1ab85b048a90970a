import { describe, expect, test } from 'vitest';
import { Past } from '../../../../src/top/view/past.ts';
import { Moment } from '../../../../src/top/view/view.ts';
import { wholeSnapshot } from '../../../support/snapshots.ts';

const TICKS_A_SECOND = 10;

/** Moments of these ticks, a tenth of a second each. */
function pastOf(ticks: Iterable<number>): Past {
  const past = new Past();
  for (const tick of ticks) past.add(momentOf(tick));
  return past;
}

const WHOLE = wholeSnapshot(1);

function momentOf(tick: number): Moment {
  const sampling = { ...WHOLE.sampling, tick, interval_ms: 100 };
  return new Moment({ ...WHOLE, sequence: tick, sampling });
}

function* range(from: number, to: number): Generator<number> {
  for (let tick = from; tick < to; tick++) yield tick;
}

const sequenceAt = (past: Past, timeMs: number): number | undefined => past.at(timeMs)?.snapshot.sequence;

describe('what was shown', () => {
  test('is found by its time, or the last before it', () => {
    const past = pastOf([10, 11, 15]);
    expect(sequenceAt(past, 1_100)).toBe(11);
    expect(sequenceAt(past, 1_499)).toBe(11);
    expect(sequenceAt(past, 99_999)).toBe(15);
    expect(sequenceAt(past, 0)).toBe(10);
    expect(past.before(past.at(1_500)!)?.snapshot.sequence).toBe(11);
    expect(past.before(past.at(0)!)).toBeUndefined();
  });

  test('is nothing at first', () => {
    const past = new Past();
    expect(past.at(0)).toBeUndefined();
    expect([past.oldestMs, past.newestMs]).toEqual([Number.NaN, Number.NaN]);
  });

  test('is kept whole for a minute, and once a second for nine more, and no longer', () => {
    const past = pastOf(range(0, 20 * 60 * TICKS_A_SECOND));
    expect(past.newestMs).toBe(1_199_900);
    expect(past.oldestMs).toBe(600_000);
    expect(sequenceAt(past, 1_150_000)).toBe(11_500);
    expect(sequenceAt(past, 1_150_100)).toBe(11_501);
    expect(sequenceAt(past, 900_900)).toBe(9_000);
    expect(past.before(past.at(900_000)!)?.timeMs).toBe(899_000);
  });

  test('is not doubled by what comes again, and begins anew with a machine that does', () => {
    const past = pastOf([...range(3_000, 3_010), 3_005, 3_010]);
    expect(past.before(past.at(301_000)!)?.snapshot.sequence).toBe(3_009);
    const restarted = pastOf([...range(30_000, 30_010), 5]);
    expect([restarted.oldestMs, restarted.newestMs]).toEqual([500, 500]);
  });

  test('goes further back with what is fetched, without a hole, until that is let go', () => {
    const past = pastOf(range(50_000, 60_000));
    const { oldestMs } = past;
    const fetched = [...range(40_000, 45_000)].filter((tick) => tick % 10 === 0).map(momentOf);
    expect(past.prepend([...fetched, past.at(oldestMs)!])).toBe(500);
    expect(past.oldestMs).toBe(4_000_000);
    expect(past.before(past.at(oldestMs)!)?.timeMs).toBe(4_499_000);
    for (const tick of range(60_000, 60_020)) past.add(momentOf(tick));
    expect(past.at(oldestMs)?.timeMs).toBe(oldestMs);
    past.forgetFar();
    expect(past.oldestMs).toBeGreaterThan(oldestMs);
    expect(past.prepend([momentOf(99_999)])).toBe(0);
  });

  test('is fetched within bounds', () => {
    const past = pastOf([99_999_999]);
    expect(past.prepend([...range(0, 3_000)].map((second) => momentOf(second * 10)))).toBe(1_800);
    expect(past.oldestMs).toBe(1_200_000);
    expect(past.hasRoom).toBe(false);
  });

  test('is a chart of any of its numbers, with the highest of each column', () => {
    const past = pastOf([10, 11, 12, 25]);
    const columns = past.columns(({ snapshot }) => snapshot.sequence, 2_500, 500, 4);
    expect([...columns]).toEqual([12, Number.NaN, Number.NaN, 25]);
    expect([...past.columns(() => undefined, 2_500, 500, 2)]).toEqual([Number.NaN, Number.NaN]);
  });
});
