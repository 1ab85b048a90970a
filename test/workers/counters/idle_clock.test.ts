import { describe, expect, test } from 'vitest';
import { IdleClock, type IdleReading } from '../../../workers/counters/idle_clock.ts';
import { dutyCycle, SimulatedCore, seeded } from '../../support/simulated_core.ts';

const JIFFY_US = 10_000;

type Source = 'residency' | 'run time' | 'time departed';

function readingOf(core: SimulatedCore, sources: readonly Source[], atUs: number): IdleReading {
  const reading: IdleReading = {
    nowUs: 5e9 + atUs,
    statUs: core.statUs(atUs),
    stepUs: JIFFY_US,
    residencyUs: Number.NaN,
    busyUs: Number.NaN,
    idleChance: 0.5,
    busyTicks: false,
  };
  if (sources.includes('residency')) reading.residencyUs = core.residencyUs(atUs);
  if (sources.includes('run time')) {
    reading.busyUs = core.ranUs(atUs);
    reading.busyTicks = true;
  }
  if (sources.includes('time departed')) reading.busyUs = core.departedUs(atUs);
  return reading;
}

/** Errors of the usage in points, on a quiet machine, where a core often idles at the instant of the read. */
function errors(core: SimulatedCore, sources: readonly Source[], seconds: number): number[] {
  const clock = new IdleClock();
  const found: number[] = [];
  const random = seeded(5);
  let before = 0;
  for (let at = 3_000; at < seconds * 1e6; at += 100_000) {
    const read = at + random() * 200;
    clock.advance(readingOf(core, sources, read));
    if (clock.known && at > 1e6) {
      const truth = (100 * (core.busyUs(read) - core.busyUs(before))) / (read - before);
      found.push(100 * (1 - clock.growthUs / clock.elapsedUs) - truth);
    }
    before = read;
  }
  return found;
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** A core idle from the beginning, but for these periods. */
function advance(clock: IdleClock, core: SimulatedCore, sources: readonly Source[], ...atMs: number[]): void {
  for (const ms of atMs) clock.advance(readingOf(core, sources, ms * 1_000));
}

describe.each<[Source[], number]>([
  [['residency'], 4],
  [['run time'], 1.5],
  [['time departed'], 1.5],
])('idle time by %j', (sources, bound) => {
  test('is near the truth for every load', () => {
    const all: number[] = [];
    for (const share of [0, 0.1, 0.3, 0.5, 0.9, 1]) {
      for (let seed = 1; seed <= 8; seed++) {
        all.push(...errors(new SimulatedCore(dutyCycle(share, 8, seeded(seed))), sources, 8));
      }
    }
    expect(rms(all)).toBeLessThan(bound);
  });

  test('a period in progress is counted as it goes on, and not again when it ends', () => {
    const core = new SimulatedCore([
      [0, 200_000],
      [3_200_000, 3_300_000],
    ]);
    const clock = new IdleClock();
    let idleUs = 0;
    for (let ms = 100; ms <= 3_400; ms += 100) {
      advance(clock, core, sources, ms);
      if (clock.known) idleUs += clock.growthUs;
      if (ms > 400 && ms <= 3_200) expect(clock.growthUs).toBeGreaterThan(98_000);
    }
    expect(Math.abs(idleUs - 3_100_000)).toBeLessThan(JIFFY_US);
  });

  test('never exceeds the time that passed, whatever the counters do', () => {
    const random = seeded(9);
    const clock = new IdleClock();
    for (let tick = 0; tick < 5_000; tick++) {
      const wild = (): number => (random() < 0.1 ? random() * 1e9 : 5e8 + tick * 1e5 * random());
      clock.advance({
        nowUs: tick * 1e5 + random() * 5e4,
        statUs: Math.floor(wild() / JIFFY_US) * JIFFY_US,
        stepUs: JIFFY_US,
        residencyUs: sources.includes('residency') ? wild() : Number.NaN,
        busyUs: sources.length > 1 || sources[0] !== 'residency' ? wild() : Number.NaN,
        idleChance: random(),
        busyTicks: sources.includes('run time'),
      });
      if (!clock.known) continue;
      expect(clock.growthUs).toBeGreaterThanOrEqual(0);
      expect(clock.growthUs).toBeLessThanOrEqual(clock.elapsedUs);
    }
  });

  test('the first reading, and the first of another life of the counters, is not compared', () => {
    const core = new SimulatedCore([]);
    const clock = new IdleClock();
    advance(clock, core, sources, 100);
    expect(clock.known).toBe(false);
    advance(clock, core, sources, 200);
    expect(clock.known).toBe(true);
    const reading = readingOf(core, sources, 300_000);
    clock.advance({ ...reading, statUs: reading.statUs - 5e6 });
    expect(clock.known).toBe(false);
    clock.forget();
    advance(clock, core, sources, 400);
    expect(clock.known).toBe(false);
  });
});
