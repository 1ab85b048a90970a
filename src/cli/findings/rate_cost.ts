import { setTimeout as delay } from 'node:timers/promises';
import { MS_PER_SECOND, US_PER_MS } from '../../base/units.ts';
import type { MetricsAggregator } from '../../sampling/metrics_aggregator.ts';

const MS_PER_MINUTE = 60_000;
const PERCENT = 100;
/** Until the threads have turned to the new rate. */
export const SETTLE_MS = 250;
/** History seals a minute when the next one's first second is written, and is done with it by then. */
const SEAL_MS = 2_500;
/** A sampler that misses more than this share of its ticks is not sampling at that rate. */
const MOST_MISSED_PERCENT = 1;

/** What one rate costs on this machine. */
export interface RateCost {
  readonly hz: number;
  readonly interval_ms: number;
  /** CPU of all threads of the sampler, for each snapshot. */
  readonly cpu_us_per_snapshot: number;
  /** The same in a second, as a share of one core. */
  readonly core_percent: number;
  readonly snapshots: number;
  /** Ticks without a snapshot, as a share of all ticks. */
  readonly missed_percent: number;
  /** History sealed a minute meanwhile: what that took is in the figures, and much in so short a time. */
  readonly sealed: boolean;
}

/** Runs the sampler of this process at a rate and tells what this process used meanwhile. */
export async function measureRate(
  aggregator: MetricsAggregator,
  hz: number,
  windowMs: number,
): Promise<RateCost> {
  aggregator.setInterval(MS_PER_SECOND / hz);
  await delay(SETTLE_MS);
  let snapshots = 0;
  const missedBefore = missedTicks(aggregator);
  const unsubscribe = aggregator.subscribe((taken) => {
    snapshots += taken.length;
  });
  const begunAtMs = Date.now();
  const begunMs = performance.now();
  const before = process.cpuUsage();
  await delay(windowMs);
  const { user, system } = process.cpuUsage(before);
  const elapsedMs = performance.now() - begunMs;
  unsubscribe();
  const missed = missedTicks(aggregator) - missedBefore;
  return {
    hz,
    interval_ms: MS_PER_SECOND / hz,
    cpu_us_per_snapshot: (user + system) / snapshots,
    core_percent: (PERCENT * (user + system)) / (elapsedMs * US_PER_MS),
    snapshots,
    missed_percent: (PERCENT * missed) / (snapshots + missed),
    sealed: sealsBetween(begunAtMs, Date.now()),
  };
}

/** Whether a rate stays within a share of one core and keeps its ticks. */
export function fits(cost: RateCost, budgetPercent: number): boolean {
  return cost.core_percent <= budgetPercent && cost.missed_percent <= MOST_MISSED_PERCENT;
}

/** The highest rate that fits, if one does. */
export function highestFitting(costs: readonly RateCost[], budgetPercent: number): RateCost | undefined {
  return costs
    .filter((cost) => fits(cost, budgetPercent))
    .reduce<RateCost | undefined>(
      (best, cost) => (best === undefined || cost.hz > best.hz ? cost : best),
      undefined,
    );
}

function missedTicks(aggregator: MetricsAggregator): number {
  return aggregator.latest?.sampling.missed_ticks ?? 0;
}

/** Whether history seals a minute between two moments of the wall clock, or was about to be done with it. */
export function sealsBetween(fromMs: number, toMs: number): boolean {
  return Math.floor((fromMs - SEAL_MS) / MS_PER_MINUTE) < Math.floor(toMs / MS_PER_MINUTE);
}
