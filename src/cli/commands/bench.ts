import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatDurationMs } from '../../base/units.ts';
import type { QueryResult } from '../../client/query.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { MetricsAggregator } from '../../sampling/metrics_aggregator.ts';
import { loadEngine } from '../../server/engines/load_engine.ts';
import { admission } from '../../service/admission.ts';
import { Service } from '../../service/service.ts';
import { endWhenInterrupted, leave } from '../../service/shutdown.ts';
import { fits, highestFitting, measureRate, type RateCost, SETTLE_MS } from '../findings/rate_cost.ts';
import type { BenchOptions } from '../options/bench_options.ts';
import { renderTable } from './table.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const LOOPBACK = { host: '127.0.0.1', port: 0 };
/** Nothing of what is recorded for this purpose grows old or large enough to be forgotten. */
const RETENTION_MS = 86_400_000;
const RETENTION_BYTES = 1024 ** 3;
/** The rates of the table; at high ones a short look holds many snapshots. */
const WINDOW_MS_AT: readonly (readonly [hz: number, windowMs: number])[] = [
  [1, 2_100],
  [5, 1_500],
  [10, 1_900],
  [20, 1_500],
  [50, 1_000],
  [100, 1_000],
  [200, 700],
  [500, 600],
  [1_000, 600],
];
const FASTEST_HZ = 1_000;
/** One client of the benchmark, and room for a few more. */
const MOST_CONNECTIONS = 16;
const WARM_UP_MS = 1_500;
const LONGEST_WARM_UP_MS = 4_000;
/** When the last rate is to be done, counted from the start of the process. */
const DEADLINE_MS = 16_000;
const SHORTEST_SCALE = 0.5;

/**
 * Prints what each rate would cost on this machine. It runs what `serve` runs, in this process, with one client in
 * another and history in a directory that is gone afterwards.
 */
export async function benchCommand(options: BenchOptions): Promise<void> {
  const { budget, json = false } = options;
  const budgetPercent = budget === 'off' ? Number.POSITIVE_INFINITY : budget;
  const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-bench-'));
  const removeData = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', removeData);
  const service = await openService(options, dataDir);
  const client = follow(service.port);
  process.once('exit', () => client.kill());
  endWhenInterrupted(() => {
    client.kill();
    removeData();
  });
  const costs = await measureAll(service, options.rates);
  client.kill();
  const nothingHangs = await service.close();
  const best = highestFitting(costs, budgetPercent);
  if (json) {
    const answer = {
      budget_percent: budget === 'off' ? null : budget,
      rates: costs,
      highest_hz: best?.hz ?? null,
    };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else {
    process.stdout.write(`${renderTable(tableOf(costs, budgetPercent), process.stdout.columns)}\n`);
    process.stdout.write(`${verdict(best, costs, budget)}\n`);
  }
  leave(nothingHangs);
}

async function openService(options: BenchOptions, dataDir: string): Promise<Service> {
  const { engine } = await loadEngine('auto');
  const admitted = admission({ maxConnections: MOST_CONNECTIONS }, LOOPBACK, engine.name);
  const settings = {
    ...options,
    interval: 1_000 / FASTEST_HZ,
    listen: LOOPBACK,
    dataDir,
    retention: RETENTION_MS,
    retentionIncidents: RETENTION_MS,
    retentionBytes: RETENTION_BYTES,
    watch: [],
    watches: false,
    label: { host: hostname() },
    lakePeriod: 0,
    lakeRate: 0,
  };
  return Service.open(settings, admitted, engine);
}

/** A client in a process of its own, whose CPU is not the sampler's. */
function follow(port: number): ChildProcess {
  const url = `http://${LOOPBACK.host}:${port}`;
  return spawn(process.execPath, [MAIN, 'stream', '--url', url], { stdio: 'ignore' });
}

/** From the highest rate down: what is slow because it has just been loaded is fast by the time the low ones come. */
async function measureAll(
  { aggregator }: Service,
  rates: readonly number[] | undefined,
): Promise<RateCost[]> {
  const wanted = (rates ?? WINDOW_MS_AT.map(([hz]) => hz)).toSorted((a, b) => b - a);
  progress(`warming up; ${wanted.length} rates to go`);
  await warmUp(aggregator);
  const scale = rates === undefined ? windowScale() : 1;
  const measure = async (hz: number): Promise<RateCost> => {
    const cost = await measureRate(aggregator, hz, scale * windowMs(hz));
    progress(`${hz} Hz: ${cost.core_percent.toFixed(2)} % of a core`);
    return cost;
  };
  const costs: RateCost[] = [];
  for (const hz of wanted) costs.unshift(await measure(hz));
  for (const [index, { hz, sealed }] of costs.entries()) if (sealed) costs[index] = await measure(hz);
  return costs;
}

/** Lets every collector begin, and the code on the way of a snapshot be compiled. */
async function warmUp(aggregator: MetricsAggregator): Promise<void> {
  aggregator.start();
  const begunMs = performance.now();
  do await delay(WARM_UP_MS);
  while (isWarmingUp(aggregator.latest) && performance.now() - begunMs < LONGEST_WARM_UP_MS);
}

function isWarmingUp(snapshot: Snapshot | undefined): boolean {
  const states = Object.values(snapshot?.sampling.collectors ?? {});
  return states.length === 0 || states.some(({ state }) => state === 'warming_up');
}

/** On a machine so busy that starting took long, less time is left to look at each rate. */
function windowScale(): number {
  const neededMs = WINDOW_MS_AT.reduce((sum, [, ms]) => sum + SETTLE_MS + ms, 0);
  return Math.min(1, Math.max(SHORTEST_SCALE, (DEADLINE_MS - performance.now()) / neededMs));
}

function windowMs(hz: number): number {
  const known = WINDOW_MS_AT.find(([rate]) => rate >= hz) ?? WINDOW_MS_AT.at(-1)!;
  // A rate below one a second is seen twice, however long that takes.
  return Math.max(known[1], hz < 1 ? 2_100 / hz : 0);
}

function tableOf(costs: readonly RateCost[], budgetPercent: number): QueryResult {
  const rows = costs.map((cost) => [
    `${cost.hz} Hz`,
    formatDurationMs(cost.interval_ms),
    Math.round(cost.cpu_us_per_snapshot),
    round(cost.core_percent),
    round(cost.core_percent / availableParallelism()),
    round(cost.missed_percent),
    fits(cost, budgetPercent) ? 'yes' : 'no',
  ]);
  const columns = [
    { name: 'rate', type: 'VARCHAR' },
    { name: '--interval', type: 'VARCHAR' },
    { name: 'CPU µs a snapshot', type: 'DOUBLE' },
    { name: '% of a core', type: 'DOUBLE' },
    { name: '% of the machine', type: 'DOUBLE' },
    { name: '% missed', type: 'DOUBLE' },
    { name: 'fits', type: 'VARCHAR' },
  ];
  return { columns, rows, row_count: rows.length, truncated: false, elapsed_ms: 0 };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

/** The answer in words. */
export function verdict(
  best: RateCost | undefined,
  costs: readonly RateCost[],
  budget: BenchOptions['budget'],
): string {
  const limit = budget === 'off' ? 'whatever it costs' : `within ${budget} % of a core`;
  if (best !== undefined) {
    const flag = `--interval ${formatDurationMs(best.interval_ms)}`;
    return `The highest of these rates ${limit} is ${best.hz} Hz (hzstat serve ${flag}).`;
  }
  const [slowest] = costs;
  const least = slowest === undefined ? '' : `: ${slowest.hz} Hz takes ${slowest.core_percent.toFixed(2)} %`;
  return `None of these rates stays ${limit}${least}. Fewer --collectors cost less.`;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
