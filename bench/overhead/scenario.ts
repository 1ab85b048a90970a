import type { HzstatOptions } from '../processes/hzstat.ts';
import type { LongRun } from './long_run.ts';

/** One way of running the product. */
export interface Scenario extends HzstatOptions {
  readonly clients: 0 | 1;
  /** The client is a viewer: ten frames a second with extremes, however many snapshots there are. */
  readonly isViewed?: true;
}

/** The beginning of the names of its figures. */
export function scenarioKey(scenario: Scenario): string {
  const { hz, history, clients, isViewed = false, collectors, watches = false } = scenario;
  const extras = [...(watches ? ['watches'] : []), ...extraCollectors(collectors)].map(
    (extra) => `.${extra}`,
  );
  return `hzstat.${hz}hz.${history ? 'history' : 'no_history'}.${isViewed ? 'viewed' : `${clients}client`}${extras.join('')}`;
}

/** Collectors beside those that run anyway. */
export function extraCollectors(collectors = ''): string[] {
  return collectors.split(',').filter((name) => name !== '' && name !== 'default');
}

/** How long and how often to look. */
export interface Pace {
  /** Until code is compiled and caches are filled. */
  readonly warmUpSeconds: number;
  /** After a pause, until what has piled up is done. */
  readonly settleSeconds: (scenario: Scenario) => number;
  readonly windowSeconds: (scenario: Scenario) => number;
  readonly psutilWindowSeconds: (hz: number) => number;
  /** Turns each contender gets, in alternation; the median counts. */
  readonly rounds: number;
  /** How often the product is started to see how long it takes. */
  readonly starts: number;
}

/** What is started and warmed up together and then takes turns. */
export interface Group {
  readonly scenarios: readonly Scenario[];
  /** Rates the psutil loop runs at; at 1 kHz it would take the machine for itself. */
  readonly psutilRates: readonly number[];
}

export interface Plan {
  readonly groups: readonly Group[];
  readonly longRun?: LongRun;
  readonly pace: Pace;
}

const RATES = [1, 10, 100, 1_000];
const FASTEST_PSUTIL_HZ = 100;
/** From here on a screen shows fewer frames than there are snapshots. */
const SLOWEST_VIEWED_HZ = 100;

/** What runs for weeks, in its first moments and when V8 has settled; ten minutes of it, in which journals end. */
const LONG_RUN: LongRun = {
  scenarios: [
    { hz: 1, history: true, clients: 0 },
    { hz: 10, history: false, clients: 0 },
    { hz: 10, history: true, clients: 0 },
    { hz: 10, history: true, clients: 1 },
    { hz: 10, history: true, clients: 0, watches: true },
    { hz: 10, history: true, clients: 0, collectors: 'default,cgroups,pressure' },
  ],
  psutilRates: [10],
  phases: [
    // Behind the first snapshot of the slowest.
    { name: 'first', fromSeconds: 3, seconds: 37 },
    { name: 'steady', fromSeconds: 600, seconds: 600 },
  ],
};

/** That alone. */
export function steadyPlan(): Plan {
  return { groups: [], longRun: LONG_RUN, pace: shortPlan().pace };
}

/** Everything, rate by rate. With history a window is a minute long, so that each holds exactly one seal. */
export function fullPlan(rates: readonly number[] = RATES, rounds = 2): Plan {
  return {
    groups: rates.flatMap((hz): Group[] => {
      const scenarios = [false, true].flatMap((history) =>
        ([0, 1] as const).map((clients): Scenario => ({ hz, history, clients })),
      );
      if (hz >= SLOWEST_VIEWED_HZ) scenarios.push({ hz, history: true, clients: 1, isViewed: true });
      if (hz <= FASTEST_PSUTIL_HZ) return [{ scenarios, psutilRates: [hz] }];
      // Several at such a rate would take each other's CPU while they warm up.
      return scenarios.map((scenario) => ({ scenarios: [scenario], psutilRates: [] }));
    }),
    longRun: LONG_RUN,
    pace: {
      warmUpSeconds: 30,
      settleSeconds: ({ history }) => (history ? 10 : 2),
      windowSeconds: ({ hz, history }) => (history ? 60 : hz === 1 ? 30 : 15),
      psutilWindowSeconds: (hz) => (hz === 1 ? 30 : 15),
      rounds,
      starts: 5,
    },
  };
}

/** What CI has time for: three rates as they are used, in windows too short for the seals of history to count. */
export function shortPlan(rounds = 3): Plan {
  return {
    groups: [
      {
        scenarios: [10, 100, 1_000].map((hz) => ({ hz, history: true, clients: 1 })),
        psutilRates: [10, 100],
      },
    ],
    pace: {
      warmUpSeconds: 8,
      settleSeconds: () => 0.5,
      windowSeconds: ({ hz }) => (hz === 10 ? 2 : 1),
      psutilWindowSeconds: (hz) => (hz === 10 ? 1.5 : 0.7),
      rounds,
      starts: 2,
    },
  };
}

/** The same with every product slowed down. */
export function handicapped({ groups, pace }: Plan, handicapUs: number): Plan {
  return {
    groups: groups.map(({ scenarios, psutilRates }) => ({
      scenarios: scenarios.map((scenario) => ({ ...scenario, handicapUs })),
      psutilRates,
    })),
    pace,
  };
}
