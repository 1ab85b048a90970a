import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../measure/statistics.ts';
import { PROGRAMS } from '../paths.ts';
import { progress } from '../report/progress.ts';
import { type Contender, HzstatContender, PsutilContender, type Sample } from './contender.ts';
import { measureLongRun, type PhaseResult } from './long_run.ts';
import type { Group, Pace, Plan, Scenario } from './scenario.ts';
import { measureStartUp, type StartUp } from './start_up.ts';
import { type Summary, summarise } from './summary.ts';

const MS_PER_SECOND = 1_000;
const BARE_TICKS_HZ = 1_000;
const BARE_TICKS_SECONDS = 0.5;
/** A loop in Python has nothing to catch up with. */
const PSUTIL_SETTLE_SECONDS = 0.2;

export interface ScenarioResult extends Summary {
  readonly scenario: Scenario;
}

export interface PsutilResult extends Summary {
  readonly hz: number;
}

/** All that one run has measured. */
export interface OverheadResult {
  readonly scenarios: readonly ScenarioResult[];
  readonly psutil: readonly PsutilResult[];
  readonly phases: readonly PhaseResult[];
  readonly start: StartUp;
  /** Share of ticks at 1 kHz that a thread which does nothing else wakes for in time; where 1 kHz was measured. */
  readonly bareOnTimePercent?: number;
}

/** Measures group by group; within one, the product in its scenarios and psutil take turns, one running at a time. */
export async function measureOverhead({ groups, longRun, pace }: Plan): Promise<OverheadResult> {
  progress(`starting up, ${pace.starts} times`);
  const start = await measureStartUp(pace.starts);
  const scenarios: ScenarioResult[] = [];
  const psutil: PsutilResult[] = [];
  let bareOnTimePercent: number | undefined;
  for (const group of groups) {
    const result = await measureGroup(group, pace);
    scenarios.push(...result.scenarios);
    psutil.push(...result.psutil);
    bareOnTimePercent ??= result.bareOnTimePercent;
  }
  const phases = longRun === undefined ? [] : await measureLongRun(longRun);
  return { scenarios, psutil, phases, start, ...(bareOnTimePercent !== undefined && { bareOnTimePercent }) };
}

async function measureGroup(group: Group, pace: Pace): Promise<Omit<OverheadResult, 'start' | 'phases'>> {
  const products = await Promise.all(group.scenarios.map((scenario) => HzstatContender.start(scenario)));
  const loops = await Promise.all(group.psutilRates.map((hz) => PsutilContender.start(hz)));
  const controls = loops.filter((loop) => loop !== undefined);
  const contenders = [...products, ...controls];
  progress(`warming up for ${pace.warmUpSeconds} s: ${contenders.map(({ name }) => name).join('; ')}`);
  await delay(pace.warmUpSeconds * MS_PER_SECOND);
  for (const contender of contenders) contender.pause();

  const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
  const withBareTicks = group.scenarios.some(({ hz }) => hz === BARE_TICKS_HZ);
  const bare: number[] = [];
  for (let round = 1; round <= pace.rounds; round++) {
    progress(`round ${round} of ${pace.rounds}`);
    for (const contender of contenders) samples.get(contender)?.push(await takeTurn(contender, pace));
    if (withBareTicks) bare.push(bareOnTime());
  }
  await Promise.all(contenders.map((contender) => contender.stop()));

  const bareOnTimePercent = median(bare);
  return {
    scenarios: products.map((product) => ({
      scenario: product.scenario,
      ...summarise(samples.get(product) ?? [], product.scenario.hz),
    })),
    psutil: controls.map((loop) => ({ hz: loop.hz, ...summarise(samples.get(loop) ?? [], loop.hz) })),
    ...(bareOnTimePercent !== undefined && { bareOnTimePercent }),
  };
}

async function takeTurn(contender: HzstatContender | PsutilContender, pace: Pace): Promise<Sample> {
  const [settle, window] =
    contender instanceof HzstatContender
      ? [pace.settleSeconds(contender.scenario), pace.windowSeconds(contender.scenario)]
      : [PSUTIL_SETTLE_SECONDS, pace.psutilWindowSeconds(contender.hz)];
  contender.resume();
  await delay(settle * MS_PER_SECOND);
  const sample = await contender.measure(window);
  contender.pause();
  return sample;
}

/** Share of ticks that a thread which does nothing else wakes for in time. */
function bareOnTime(): number {
  const args = [`${PROGRAMS}controls/bare_ticks.js`, String(BARE_TICKS_HZ), String(BARE_TICKS_SECONDS)];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const { on_time_percent }: { on_time_percent: number } = JSON.parse(stdout);
  return on_time_percent;
}
