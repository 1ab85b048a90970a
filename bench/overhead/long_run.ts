import { setTimeout as delay } from 'node:timers/promises';
import { progress } from '../report/progress.ts';
import { HzstatContender, PsutilContender } from './contender.ts';
import { type Scenario, scenarioKey } from './scenario.ts';
import { type Summary, summarise } from './summary.ts';

const MS_PER_SECOND = 1_000;

/** A stretch of the life of a process. */
export interface Phase {
  readonly name: 'first' | 'steady';
  readonly fromSeconds: number;
  readonly seconds: number;
}

/** What is left running side by side, as services are, and looked at early and late. */
export interface LongRun {
  readonly scenarios: readonly Scenario[];
  readonly psutilRates: readonly number[];
  readonly phases: readonly Phase[];
}

export interface PhaseResult extends Summary {
  readonly phase: Phase['name'];
  readonly fromSeconds: number;
  readonly seconds: number;
  /** For people, and under which the budget knows it. */
  readonly name: string;
  readonly key: string;
  readonly hz: number;
}

/**
 * V8 needs ten minutes at ten snapshots a second to find out what is worth compiling: what a process costs in its
 * first seconds says little of a service that runs for weeks. Nobody is stopped meanwhile; the psutil loop runs in
 * the same minutes.
 */
export async function measureLongRun({ scenarios, psutilRates, phases }: LongRun): Promise<PhaseResult[]> {
  const products = await Promise.all(scenarios.map((scenario) => HzstatContender.start(scenario)));
  const loops = await Promise.all(psutilRates.map((hz) => PsutilContender.start(hz)));
  const startMs = performance.now();
  const contenders = [
    ...products.map((contender) => ({
      contender,
      key: scenarioKey(contender.scenario),
      hz: contender.scenario.hz,
    })),
    ...loops
      .filter((loop) => loop !== undefined)
      .map((contender) => ({ contender, key: `psutil.${contender.hz}hz`, hz: contender.hz })),
  ];
  const results: PhaseResult[] = [];
  for (const { name: phase, fromSeconds, seconds } of phases) {
    progress(`side by side: ${phase}, from second ${fromSeconds} for ${seconds} s`);
    await delay(Math.max(0, startMs + fromSeconds * MS_PER_SECOND - performance.now()));
    const samples = await Promise.all(contenders.map(({ contender }) => contender.measure(seconds)));
    for (const [index, { contender, key, hz }] of contenders.entries()) {
      const of = { phase, fromSeconds, seconds, name: contender.name, key, hz };
      results.push({ ...of, ...summarise([samples[index]!], hz) });
    }
  }
  await Promise.all(contenders.map(({ contender }) => contender.stop()));
  return results;
}
