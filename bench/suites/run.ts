import { Bench } from 'tinybench';
import type { Suite } from './suite.ts';

const US_PER_MS = 1_000;
/** Of each row. */
const TIME_MS = 150;
const WARM_UP_MS = 75;
const FEWEST_SAMPLES = 10;

/** How long a row took, in microseconds, without what asking the clock takes. */
export interface RowResult {
  readonly name: string;
  readonly control: boolean;
  readonly samples: number;
  readonly mean_us: number;
  readonly p50_us: number;
  readonly p99_us: number;
  /** The clock could not resolve it: the figures are no more than an order of magnitude. */
  readonly too_fast: boolean;
}

export interface SuiteResult {
  readonly source: string;
  readonly rows: readonly RowResult[];
}

/** Runs the rows of a suite, one after the other. */
export async function runSuite(suite: Suite): Promise<SuiteResult> {
  const bench = new Bench({
    time: TIME_MS,
    warmupTime: WARM_UP_MS,
    iterations: FEWEST_SAMPLES,
    warmupIterations: 2,
    subtractTimerOverhead: true,
    throws: true,
  });
  const tooFast = new Set<string>();
  bench.addEventListener('warning', ({ task }) => {
    if (task !== undefined) tooFast.add(task.name);
  });
  for (const { name, run, async = false } of suite.rows) bench.add(name, run, { async });
  try {
    await bench.run();
  } finally {
    suite.dispose?.();
  }
  const rows = suite.rows.map(({ name, control = false }): RowResult => {
    const result = bench.getTask(name)?.result;
    if (result?.state !== 'completed') throw new Error(`${suite.source}: ${name} was not measured`);
    const { mean, p50, p99, samplesCount } = result.latency;
    return {
      name,
      control,
      samples: samplesCount,
      mean_us: mean * US_PER_MS,
      p50_us: p50 * US_PER_MS,
      p99_us: p99 * US_PER_MS,
      too_fast: tooFast.has(name),
    };
  });
  return { source: suite.source, rows };
}
