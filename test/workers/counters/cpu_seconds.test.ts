import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpuSeconds } from '../../../workers/counters/cpu_seconds.ts';
import { COLUMNS, CpuTimes, IDLE, IOWAIT, KINDS, STEAL, USER } from '../../../workers/parse/stat.ts';

const NS_PER_JIFFY = 1e7;

/** A reading in which each core stands at these jiffies, kind by kind; the row of all is their sum. */
function reading(cores: Readonly<Record<number, readonly number[]>>): CpuTimes {
  const times = new CpuTimes();
  for (const [id, kinds] of Object.entries(cores)) {
    const at = times.addCore(Number(id));
    for (const [kind, jiffies] of kinds.entries()) {
      times.cores[at + kind] = jiffies;
      times.total[kind]! += jiffies;
    }
  }
  return times;
}

/** What is told after each of these readings, a second apart. */
function told(...readings: Readonly<Record<number, readonly number[]>>[]): CpuSeconds {
  const seconds = new CpuSeconds();
  for (const [second, cores] of readings.entries()) seconds.advance(second * 1e9, reading(cores));
  return seconds;
}

/** Kinds in their order, from those that are named. */
function core(kinds: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: KINDS }, (_, kind) => kinds[kind] ?? 0);
}

const ofCore = (seconds: CpuSeconds, id: number, kind: number): number =>
  (seconds.jiffiesOfCore(id)?.[kind] ?? Number.NaN) / 100;

describe('CPU seconds', () => {
  test('begin where the kernel stands', () => {
    const seconds = told({ 0: core({ [USER]: 150, [IDLE]: 1_000 }), 3: core({ [USER]: 50 }) });
    expect(seconds.total(USER)).toBe(2);
    expect(ofCore(seconds, 0, USER)).toBe(1.5);
    expect(ofCore(seconds, 3, USER)).toBe(0.5);
    expect(ofCore(seconds, 0, IDLE)).toBe(10);
  });

  test('grow as the kernel counts', () => {
    const seconds = told({ 0: core({ [USER]: 150 }) }, { 0: core({ [USER]: 190, [IDLE]: 60 }) });
    expect([seconds.total(USER), ofCore(seconds, 0, USER), seconds.total(IDLE)]).toEqual([1.9, 1.9, 0.6]);
  });

  test('stand still while a kind goes back, and go on from where it was', () => {
    const wave = [100, 99, 100, 99, 101].map((iowait, second) => ({
      0: core({ [IOWAIT]: iowait, [USER]: second * 99 }),
    }));
    const seconds = told(...wave);
    expect([seconds.total(IOWAIT), ofCore(seconds, 0, IOWAIT)]).toEqual([1.01, 1.01]);
  });

  test('have no jump in them: steal of days in a guest that was moved', () => {
    const days = 3 * 86_400 * 100;
    const seconds = told(
      { 0: core({ [USER]: 100 }), 1: core({ [USER]: 100 }) },
      { 0: core({ [USER]: 150, [STEAL]: days }), 1: core({ [USER]: 150 }) },
      { 0: core({ [USER]: 200, [STEAL]: days + 10 }), 1: core({ [USER]: 200 }) },
    );
    expect(ofCore(seconds, 0, STEAL)).toBeCloseTo(0.1, 9);
    expect(seconds.total(STEAL)).toBeCloseTo(0.1, 9);
    expect(ofCore(seconds, 1, USER)).toBe(2);
  });

  test('of a core that was unplugged go on where they were when it is back', () => {
    const seconds = told(
      { 0: core({ [USER]: 100 }), 1: core({ [USER]: 500, [IDLE]: 1_000 }) },
      { 0: core({ [USER]: 150 }) },
      { 0: core({ [USER]: 200 }), 1: core({ [USER]: 0, [IDLE]: 0 }) },
      { 0: core({ [USER]: 250 }), 1: core({ [USER]: 40, [IDLE]: 50 }) },
    );
    expect(ofCore(seconds, 1, USER)).toBeCloseTo(5.4, 9);
    expect(ofCore(seconds, 1, IDLE)).toBeCloseTo(10.5, 9);
  });

  test('of a core whose counters begin anew in one piece lose nothing they had', () => {
    const seconds = told(
      { 0: core({ [USER]: 800, [IDLE]: 1_000 }) },
      { 0: core({ [USER]: 0, [IDLE]: 0 }) },
      { 0: core({ [USER]: 50, [IDLE]: 50 }) },
    );
    expect([ofCore(seconds, 0, USER), ofCore(seconds, 0, IDLE)]).toEqual([8.5, 10.5]);
  });

  test('are what was counted, however the time is cut into readings', () => {
    const second = fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 10 }));
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 30 }), fc.nat({ max: 29 }), (steps, cut) => {
        let user = 1_000;
        let idle = 5_000;
        const stands = steps.map(([busy, steal]) => {
          user += busy;
          idle += 100 - busy;
          return core({ [USER]: user, [IDLE]: idle, [STEAL]: steal });
        });
        const all = new CpuSeconds();
        const some = new CpuSeconds();
        for (const [index, kinds] of stands.entries()) {
          const atNs = index * 100 * NS_PER_JIFFY;
          all.advance(atNs, reading({ 0: kinds }));
          if (index === 0 || index === cut || index === stands.length - 1) {
            some.advance(atNs, reading({ 0: kinds }));
          }
        }
        expect(ofCore(some, 0, USER)).toBeCloseTo(ofCore(all, 0, USER), 9);
        expect(some.total(IDLE)).toBeCloseTo(all.total(IDLE), 9);
      }),
    );
  });

  test('never go down, whatever the kernel says', () => {
    const kinds = fc.array(fc.nat({ max: 100_000 }), { minLength: KINDS, maxLength: KINDS });
    const rows = fc.dictionary(fc.constantFrom('0', '1', '2'), kinds, { minKeys: 1 });
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 12 }), (readings) => {
        const seconds = new CpuSeconds();
        let before = Array.from({ length: KINDS }, () => 0);
        for (const [index, cores] of readings.entries()) {
          seconds.advance(index * 1e9, reading(cores));
          const after = before.map((_, kind) => seconds.total(kind));
          if (index > 0)
            for (const [kind, was] of before.entries()) expect(after[kind]).toBeGreaterThanOrEqual(was);
          before = after;
        }
      }),
    );
  });

  test('are of eight kinds: guest time is in user time already', () => {
    expect(COLUMNS - KINDS).toBe(2);
  });
});
