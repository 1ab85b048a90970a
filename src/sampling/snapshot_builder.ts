import { NS_PER_MS } from '../base/units.ts';
import type { TickResult } from '../handover/messages.ts';
import type {
  BudgetSampling,
  CollectorSampling,
  HistorySampling,
  RemoteWriteSampling,
  Sampling,
} from '../model/snapshot.ts';
import type { PackedRecord } from '../records/layout.ts';
import { PackedSnapshot, SAMPLING } from '../records/packed_snapshot.ts';
import { Packer } from '../records/packer.ts';
import type { SampledCollector } from './sampled_collector.ts';
import { SelfUsage } from './self_usage.ts';
import type { MergedTick } from './tick_merge.ts';
import { WallClock } from './wall_clock.ts';

/** Nanoseconds as milliseconds with three digits: the clock knows no more that means anything. */
function toMs(ns: number): number {
  return Math.round(ns / 1_000) / 1_000;
}

/** Makes the snapshot of a merged tick and keeps the account of what was missed. */
export class SnapshotBuilder {
  readonly #wallClock = new WallClock();
  readonly #packer = new Packer();
  readonly #selfUsage = new SelfUsage();
  #sequence = 0;
  #missedTicks = 0;
  #previousTick: number | undefined;
  #previousStartNs: number | undefined;
  #offsetNs = Number.NaN;

  /** Ticks count anew: what lies between the last tick and the next was not missed. */
  restart(): void {
    this.#previousTick = undefined;
  }

  /** What is to be said in `sampling` of how recording fares. */
  historySampling: () => HistorySampling | undefined = () => undefined;

  /** What is to be said in `sampling` of the clock of this host. */
  clockSampling: () => Pick<Sampling, 'clock' | 'clock_message'> | undefined = () => undefined;

  /** What is to be said in `sampling` of how sending to other engines fares. */
  remoteWriteSampling: () => RemoteWriteSampling | undefined = () => undefined;

  /** Called once a second with the CPU of the whole process, as a share of one core, and the time it was used in. */
  onUsage: (cpuPercent: number, elapsedNs: number) => void = () => {};

  /** Called when times of the monotonic clock stand for others than before. */
  onClock: (offsetNs: number) => void = () => {};

  /** Looks at what is said of sampling itself, for those who watch it. */
  onSampling: (sampling: PackedRecord, dueNs: number) => void = () => {};

  /** What the sampler may cost; undefined when that does not matter. */
  budget: BudgetSampling | undefined;

  build(merged: MergedTick, intervalNs: number, collectors: Iterable<SampledCollector>): PackedSnapshot {
    const { tick, results } = merged;
    const dueNs = tick * intervalNs;
    if (this.#previousTick !== undefined) this.#missedTicks += tick - this.#previousTick - 1;
    this.#previousTick = tick;
    this.#wallClock.synchronise();
    if (this.#wallClock.offsetNs !== this.#offsetNs) {
      this.#offsetNs = this.#wallClock.offsetNs;
      this.onClock(this.#offsetNs);
    }
    const usageNs = this.#selfUsage.refresh(dueNs);
    if (usageNs !== undefined) this.onUsage(this.#selfUsage.cpuPercent ?? 0, usageNs);

    const states: Record<string, CollectorSampling> = {};
    const sampling: Sampling = {
      tick,
      interval_ms: intervalNs / NS_PER_MS,
      lateness_ms: 0,
      missed_ticks: this.#missedTicks,
      memory_bytes: this.#selfUsage.memoryBytes,
      collectors: states,
    };
    if (this.#selfUsage.cpuPercent !== undefined) {
      sampling.cpu_percent = Math.round(this.#selfUsage.cpuPercent * 1_000) / 1_000;
    }
    if (this.#wallClock.stepMs !== 0) sampling.clock_step_ms = Math.round(this.#wallClock.stepMs);
    if (this.#wallClock.suspendedMs !== 0) sampling.suspended_ms = Math.round(this.#wallClock.suspendedMs);
    Object.assign(sampling, this.clockSampling());
    if (this.budget !== undefined) sampling.budget = this.budget;
    Object.assign(sampling, this.remoteWriteSampling());
    const history = this.historySampling();
    if (history !== undefined) sampling.history = history;
    const parts = new Map<string, PackedRecord>();
    let firstStartNs = Number.POSITIVE_INFINITY;
    let lastStartNs = dueNs;
    for (const collector of collectors) {
      const result = results.get(collector.name);
      states[collector.name] = stateOf(collector, result, dueNs);
      if (result === undefined) continue;
      firstStartNs = Math.min(firstStartNs, result.startedNs);
      lastStartNs = Math.max(lastStartNs, result.startedNs);
      if (result.outcome.state === 'ok') parts.set(collector.name, result.outcome.data);
    }
    sampling.lateness_ms = toMs(lastStartNs - dueNs);
    if (Number.isFinite(firstStartNs)) {
      if (this.#previousStartNs !== undefined) {
        sampling.actual_interval_ms = toMs(firstStartNs - this.#previousStartNs);
      }
      this.#previousStartNs = firstStartNs;
    }
    const packed = this.#packer.pack(sampling);
    this.onSampling(packed, dueNs);
    parts.set(SAMPLING, packed);
    return new PackedSnapshot(this.#sequence++, this.#wallClock.moment(dueNs), parts);
  }
}

function stateOf(
  collector: SampledCollector,
  result: TickResult | undefined,
  dueNs: number,
): CollectorSampling {
  if (!collector.enabled) return { state: 'disabled' };
  if (result === undefined) {
    const { outage, missedTicks } = collector;
    if (outage !== undefined) return { state: 'failed', code: outage.code, message: outage.message };
    return missedTicks === undefined ? { state: 'warming_up' } : { state: 'late', missed_ticks: missedTicks };
  }
  const { outcome } = result;
  if (outcome.state !== 'ok') return outcome;
  const state: CollectorSampling = {
    state: 'ok',
    lateness_ms: toMs(result.startedNs - dueNs),
    duration_ms: toMs(result.durationNs),
    missed_ticks: result.missedTicks,
  };
  if (outcome.elapsedNs !== undefined) state.elapsed_ms = toMs(outcome.elapsedNs);
  if (collector.sources !== undefined) state.sources = collector.sources;
  return state;
}
