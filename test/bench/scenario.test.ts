import { describe, expect, test } from 'vitest';
import { fullPlan, handicapped, scenarioKey, shortPlan } from '../../bench/overhead/scenario.ts';

const keysOf = (plan: ReturnType<typeof fullPlan>) =>
  plan.groups.flatMap(({ scenarios }) => scenarios.map(scenarioKey));

describe('the full plan', () => {
  test('has every rate with and without history, with and without a client, each once', () => {
    const keys = keysOf(fullPlan());
    expect(keys).toHaveLength(18);
    expect(new Set(keys).size).toBe(18);
    expect(keys).toContain('hzstat.10hz.history.1client');
    expect(keys).toContain('hzstat.1000hz.no_history.0client');
    // And, where there are more snapshots than a screen shows, with a viewer.
    expect(keys).toContain('hzstat.100hz.history.viewed');
    expect(keys).toContain('hzstat.1000hz.history.viewed');
  });

  test('lets psutil take its turns beside the product at the same rate', () => {
    for (const { scenarios, psutilRates } of fullPlan().groups) {
      for (const hz of psutilRates) expect(scenarios.map((scenario) => scenario.hz)).toContain(hz);
    }
    expect(fullPlan().groups.flatMap(({ psutilRates }) => psutilRates)).toEqual([1, 10, 100]);
  });

  test('gives history a whole minute, with its one seal', () => {
    const { pace, groups } = fullPlan();
    for (const scenario of groups.flatMap(({ scenarios }) => scenarios)) {
      if (scenario.history) expect(pace.windowSeconds(scenario)).toBe(60);
    }
  });
});

describe('the short plan', () => {
  test('measures what the budget holds CI to, and takes less than a minute', () => {
    const { groups, pace } = shortPlan();
    const scenarios = groups.flatMap((group) => group.scenarios);
    expect(scenarios.map(scenarioKey)).toEqual([
      'hzstat.10hz.history.1client',
      'hzstat.100hz.history.1client',
      'hzstat.1000hz.history.1client',
    ]);
    const turns = scenarios.reduce((sum, one) => sum + pace.settleSeconds(one) + pace.windowSeconds(one), 0);
    expect(pace.warmUpSeconds + pace.rounds * (turns + 3)).toBeLessThan(50);
  });
});

test('a handicap slows every product down and nothing else', () => {
  const plan = handicapped(shortPlan(), 2_000);
  expect(plan.groups.flatMap(({ scenarios }) => scenarios.map(({ handicapUs }) => handicapUs))).toEqual([
    2_000, 2_000, 2_000,
  ]);
  expect(plan.pace.rounds).toBe(shortPlan().pace.rounds);
  expect(plan.groups[0]?.psutilRates).toEqual(shortPlan().groups[0]?.psutilRates);
});
