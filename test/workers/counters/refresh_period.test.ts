import { describe, expect, test } from 'vitest';
import { RefreshPeriod } from '../../../workers/counters/refresh_period.ts';
import { seeded } from '../../support/simulated_core.ts';

const MS = 1e6;

/**
 * Reads a counter of packets every so often, and returns what was told and what was counted.
 *
 * @param isCertain whether the jumps are more than can have happened
 */
function read(counter: (ms: number) => number, seconds: number, everyMs = 100, isCertain = true) {
  const refresh = new RefreshPeriod(1);
  const told: { ms: number; packets: number; periodMs: number | undefined; suspectedMs: number }[] = [];
  const out = new Float64Array(1);
  let before = counter(0);
  for (let ms = everyMs; ms <= seconds * 1_000; ms += everyMs) {
    const delta = counter(ms) - before;
    before += delta;
    refresh.advance(ms * MS, delta > 0, delta, isCertain);
    refresh.spread(Float64Array.of(delta), delta > 0, everyMs * MS, out);
    const { periodNs, suspectedNs = Number.NaN } = refresh;
    const periodMs = periodNs === undefined ? undefined : periodNs / MS;
    told.push({ ms, packets: out[0]!, periodMs, suspectedMs: suspectedNs / MS });
  }
  return { told, counted: before - counter(0) };
}

/** A card that shows its traffic every so often. */
const card = (periodMs: number, traffic: (ms: number) => number) => (ms: number) =>
  traffic(Math.floor((ms + 37) / periodMs) * periodMs);
const steady = (ms: number): number => Math.floor(Math.max(0, ms) * 1.2);

describe('a source that is brought up to date once a second', () => {
  test.each([
    [1_000, 100],
    [976.5, 100],
    [1_000, 10],
    [2_000, 250],
    [500, 100],
  ])('of %d ms, read every %d ms, is told from one that is live', (periodMs, everyMs) => {
    const { told } = read(card(periodMs, steady), 30, everyMs);
    const last = told.at(-1)!;
    expect(Math.abs(last.periodMs! - periodMs)).toBeLessThanOrEqual(0.1 * periodMs);
    // From then on no spike is drawn, and no gap.
    const settled = told.filter(({ ms }) => ms > 20_000);
    for (const { packets } of settled) {
      expect(packets).toBeGreaterThan(0.5 * 1.2 * everyMs);
      expect(packets).toBeLessThan(1.5 * 1.2 * everyMs);
    }
  });

  test('is spread so that the sum stays', () => {
    const random = seeded(4);
    const perSecond = Array.from({ length: 60 }, () => 100 + Math.floor(random() * 9_000));
    const traffic = (ms: number): number =>
      perSecond.slice(0, Math.max(0, Math.floor(ms / 1_000))).reduce((a, b) => a + b, 0);
    const { told, counted } = read(card(1_000, traffic), 40);
    const sum = told.reduce((total, { packets }) => total + packets, 0);
    expect(told.at(-1)!.periodMs).toBeDefined();
    expect(Math.abs(sum - counted)).toBeLessThanOrEqual(Math.max(...perSecond));
  });

  test('falls silent within a period, and goes on afterwards', () => {
    const traffic = (ms: number): number => steady(Math.min(ms, 15_000)) + steady(ms - 25_000);
    const { told } = read(card(1_000, traffic), 40);
    for (const { ms, packets } of told) if (ms > 18_000 && ms < 24_000) expect(packets).toBe(0);
    expect(told.at(-1)!.periodMs).toBeCloseTo(1_000, -2);
    expect(told.at(-1)!.packets).toBeGreaterThan(60);
  });
});

describe('a source that is live', () => {
  test('with steady traffic has no period', () => {
    expect(read(steady, 30).told.at(-1)!.periodMs).toBeUndefined();
  });

  test('with a ping a second has none: there is no load', () => {
    expect(read((ms) => 2 * Math.floor(ms / 1_000), 60).told.at(-1)!.periodMs).toBeUndefined();
  });

  test('with bursts at any time has none', () => {
    const random = seeded(8);
    const times: number[] = [];
    for (let ms = 0; ms < 120_000; ms += -Math.log(1 - random()) * 1_000) times.push(ms);
    const { told } = read((ms) => 500 * times.filter((time) => time <= ms).length, 120);
    expect(told.filter(({ periodMs }) => periodMs !== undefined)).toEqual([]);
  });

  test('with bursts that may be what happened is shown as read, with no more than a suspicion', () => {
    const bursts = (ms: number): number => 500 * Math.floor(ms / 1_000) + (ms >= 20_450 ? 1 : 0);
    const { told } = read(bursts, 21, 100, false);
    expect(told.filter(({ periodMs }) => periodMs !== undefined)).toEqual([]);
    expect(told.filter(({ packets }) => packets >= 500).map(({ ms }) => ms)).toEqual(
      Array.from({ length: 21 }, (_, second) => (second + 1) * 1_000),
    );
    expect(told.find(({ ms }) => ms === 20_400)!.suspectedMs).toBeCloseTo(1_000, -2);
    expect(told.find(({ ms }) => ms === 20_500)!.suspectedMs).toBeNaN();
  });

  test('with a burst a second has one only until something else goes on', () => {
    const bursts = (ms: number): number => 500 * Math.floor(ms / 1_000) + (ms >= 20_450 ? 1 : 0);
    const { told, counted } = read(bursts, 21);
    const sum = told.reduce((total, { packets }) => total + packets, 0);
    expect(sum).toBeCloseTo(counted, 6);
    expect(told.find(({ ms }) => ms === 20_400)!.periodMs).toBeDefined();
    expect(told.find(({ ms }) => ms === 20_500)!.periodMs).toBeUndefined();
  });

  test('is given up without a period when it becomes something else', () => {
    const refresh = new RefreshPeriod(1);
    for (let ms = 0; ms < 12_000; ms += 100) refresh.advance(ms * MS, ms % 1_000 === 0, 100, true);
    expect(refresh.periodNs).toBeDefined();
    refresh.forget();
    expect(refresh.periodNs).toBeUndefined();
  });
});
