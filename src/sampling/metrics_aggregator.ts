import { monotonicNs } from '../base/clock.ts';
import { HzstatError } from '../base/errors.ts';
import { noSuch } from '../base/nearest.ts';
import { formatDurationMs, NS_PER_MS } from '../base/units.ts';
import { Arrivals } from '../handover/arrivals.ts';
import type { Schedule, TickResult } from '../handover/messages.ts';
import type { HistorySampling, RemoteWriteSampling, Sampling, Snapshot } from '../model/snapshot.ts';
import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import type { WatchCheck } from '../watching/watch_check.ts';
import type { Decision, Governor } from './governor.ts';
import type { ResultSink, SampledCollector } from './sampled_collector.ts';
import { SamplingUsage } from './sampling_usage.ts';
import { SnapshotBuilder } from './snapshot_builder.ts';
import { type MergedTick, TickMerge } from './tick_merge.ts';
import { WorkClock } from './work_clock.ts';

/** Above 100 Hz results travel in batches of this length, so that their cost falls as the rate rises. */
const DELIVERY_MS = 10;
/** Where nobody is shown snapshots at once, main takes them this often: what it records may be a second old. */
const LEISURE_MS = 900;
/** Of that many ticks at most. */
const MOST_TICKS_A_TURN = 256;
const FEWEST_RING_ROWS = 64;
/** How long nothing may be heard before main looks by itself, and makes snapshots that say who is missing. */
const SHORTEST_SILENCE_MS = 250;
/** A turn that ends a little late is no silence. */
const SILENCE_MARGIN_MS = 100;

/** Snapshots in order; several at once when they arrived in one delivery. */
export type SnapshotListener = (snapshots: readonly PackedSnapshot[]) => void;

/** Merges what the collectors answer into one snapshot a tick. Collectors may come and go while it runs. */
export class MetricsAggregator implements ResultSink {
  readonly #collectors = new Map<string, SampledCollector>();
  /** What makes the collectors that wait to be asked for. */
  readonly #dormant = new Map<string, () => SampledCollector>();
  readonly #listeners = new Set<SnapshotListener>();
  readonly #builder = new SnapshotBuilder();
  readonly #merge: TickMerge;
  readonly arrivals = Arrivals.allocate();
  /** The time main spends on sampling; what listeners do for clients they keep out of it. */
  readonly work = new WorkClock();
  readonly #arrivals = new Arrivals(this.arrivals);
  #schedule: Schedule;
  #running = false;
  /** Told what befalls sampling: collectors that are switched, another interval. */
  onEvent: (text: string) => void = () => {};
  #latest: PackedSnapshot | undefined;
  /** Results are being read, so that no snapshot goes out until all are. */
  #reading = false;
  /** Snapshots are going out: whoever wants the latest meanwhile has it. */
  #emitting = false;
  /** How soon snapshots are wanted; 0 for at once, undefined for at leisure. */
  #paceMs: number | undefined = 0;
  #silenceMs = SHORTEST_SILENCE_MS;
  #heardNs = 0;
  #silence: NodeJS.Timeout | undefined;

  constructor(collectors: readonly SampledCollector[], options: { intervalMs: number }) {
    this.#schedule = scheduleFor(options.intervalMs, 0);
    this.#merge = new TickMerge(this.#schedule.ticksPerDelivery);
    for (const collector of collectors) this.addCollector(collector);
  }

  get collectors(): readonly SampledCollector[] {
    return [...this.#collectors.values()];
  }

  /** Names of collectors that start when they are switched on for the first time. */
  get notStarted(): readonly string[] {
    return [...this.#dormant.keys()];
  }

  get intervalMs(): number {
    return this.#schedule.intervalNs / NS_PER_MS;
  }

  /** The latest snapshot, of what is in the rings by now; undefined before the first. */
  get latest(): Snapshot | undefined {
    this.drain();
    return this.#latest?.snapshot;
  }

  /** Of the latest snapshot that was published; -1 before the first. */
  get sequence(): number {
    return this.#latest?.sequence ?? -1;
  }

  /**
   * Says how soon snapshots are wanted: those of this many milliseconds together, 0 for each at once, undefined
   * while nobody waits for them.
   */
  setPace(paceMs: number | undefined): void {
    this.#paceMs = paceMs;
    this.#followPace();
  }

  /** Takes what the collectors have left in their rings, for which nobody has woken main yet. */
  drain(): void {
    if (this.#running && !this.#reading && !this.#emitting) this.delivered();
  }

  /** From now on snapshots tell how recording fares. */
  reportHistory(sampling: () => HistorySampling): void {
    this.#builder.historySampling = sampling;
  }

  /**
   * Has what is said of sampling itself held against watches, when a snapshot is made.
   *
   * @param onClock told what to add to monotonic times, when the first snapshot is made and when the clock was set
   */
  watchSampling(check: WatchCheck, onClock: (offsetNs: number) => void): void {
    this.#builder.onClock = onClock;
    this.#builder.onSampling = ({ layout, row }, dueNs) => check.look(layout, row, 0, dueNs);
  }

  /** Has all readings held against watches anew. */
  rewatch(): void {
    for (const collector of this.#collectors.values()) collector.rewatch?.();
  }

  /** From now on snapshots tell how far off the clock is. */
  reportClock(sampling: () => Pick<Sampling, 'clock' | 'clock_message'> | undefined): void {
    this.#builder.clockSampling = sampling;
  }

  /** From now on snapshots tell how sending to other engines fares. */
  reportRemoteWrite(sampling: () => RemoteWriteSampling): void {
    this.#builder.remoteWriteSampling = sampling;
  }

  /** Keeps sampling and recording within a budget of CPU by changing the interval, and says so each time. */
  govern(governor: Governor, announce: (message: string) => void): void {
    const { limitPercent: limit_percent, askedIntervalMs: asked_interval_ms } = governor;
    const usage = new SamplingUsage(this.work);
    let changes = 0;
    this.#builder.budget = { limit_percent, asked_interval_ms, changes };
    this.#builder.onUsage = (processPercent, elapsedNs) => {
      const decision = governor.observe(usage.takePercent(elapsedNs, processPercent));
      if (decision === undefined) return;
      const message = describe(decision, governor);
      this.#builder.budget = { limit_percent, asked_interval_ms, changes: ++changes, message };
      // Not in the middle of a snapshot.
      setImmediate(() => {
        if (this.#running) this.setInterval(decision.intervalMs);
        this.onEvent(message);
        announce(message);
      });
    };
  }

  /** Lets all collectors answer ticks from now on. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#heardNs = monotonicNs();
    for (const collector of this.#collectors.values()) collector.start(this.#schedule, this);
    this.#followPace();
  }

  /** Resolves when every collector has ended. */
  async stop(): Promise<void> {
    this.drain();
    this.#running = false;
    clearTimeout(this.#silence);
    await Promise.all(this.collectors.map((collector) => collector.stop()));
  }

  /** The next snapshot of all collectors; starts them when they do not run yet. */
  collectAll(): Promise<Snapshot> {
    this.start();
    return new Promise((resolve) => {
      const unsubscribe = this.subscribe(([snapshot]) => {
        unsubscribe();
        if (snapshot !== undefined) resolve(snapshot.snapshot);
      });
    });
  }

  /** Calls the listener with all snapshots from now on, until the returned function is called. */
  subscribe(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws HzstatError COLLECTOR_DUPLICATE when there is one of that name already */
  addCollector(collector: SampledCollector): void {
    if (this.#collectors.has(collector.name)) {
      throw new HzstatError('COLLECTOR_DUPLICATE', `there is a collector called ${collector.name} already`);
    }
    this.#collectors.set(collector.name, collector);
    if (collector.enabled) this.#expect(collector.name);
    if (this.#running) collector.start(this.#schedule, this);
  }

  /** Has a collector made and started when it is switched on, and not before. */
  offerCollector(name: string, make: () => SampledCollector): void {
    this.#dormant.set(name, make);
  }

  /**
   * Ends a collector; resolves when nothing of it is left.
   *
   * @throws HzstatError COLLECTOR_UNKNOWN
   */
  async removeCollector(name: string): Promise<void> {
    const collector = this.#find(name);
    this.#collectors.delete(name);
    this.#excuse(name);
    await collector.stop();
  }

  /**
   * Switches a collector; one that has not been started starts.
   *
   * @throws HzstatError COLLECTOR_UNKNOWN
   */
  setEnabled(name: string, enabled: boolean): void {
    const make = this.#dormant.get(name);
    if (make !== undefined) {
      if (!enabled) return;
      this.addCollector(make());
      this.#dormant.delete(name);
      this.onEvent(`${name} switched on`);
      return;
    }
    const collector = this.#find(name);
    if (collector.enabled === enabled) return;
    collector.setEnabled(enabled);
    if (enabled) this.#expect(name);
    else this.#excuse(name);
    this.onEvent(`${name} switched ${enabled ? 'on' : 'off'}`);
  }

  /** Changes the rate of all collectors. */
  setInterval(intervalMs: number): void {
    this.#schedule = scheduleFor(intervalMs, this.#schedule.epoch + 1);
    this.#merge.restart(this.#schedule.ticksPerDelivery);
    this.#builder.restart();
    if (!this.#running) return;
    for (const collector of this.#collectors.values()) collector.reschedule(this.#schedule);
    this.#followPace();
  }

  results(name: string, epoch: number, results: readonly TickResult[]): void {
    const collector = this.#collectors.get(name);
    if (epoch !== this.#schedule.epoch || collector === undefined) return;
    this.#heardNs = monotonicNs();
    if (collector.enabled) this.#expect(name);
    this.#merge.add(name, results);
    if (!this.#reading) this.#emit(this.#merge.take());
  }

  delivered(): void {
    this.work.during(() => {
      this.#reading = true;
      for (const collector of this.#collectors.values()) collector.deliver();
      this.#reading = false;
      this.#emit(this.#merge.take());
    });
    this.#silence?.refresh();
  }

  outage(name: string): void {
    this.#excuse(name);
  }

  #expect(name: string): void {
    this.#merge.expect(name);
    this.#arrivals.expect(this.#merge.expected);
  }

  /** No longer waits for a collector, which may complete the tick that waited for it alone. */
  #excuse(name: string): void {
    this.#merge.excuse(name);
    this.#arrivals.expect(this.#merge.expected);
    this.#emit(this.#merge.take());
  }

  #emit(ticks: readonly MergedTick[]): void {
    if (ticks.length === 0 || !this.#running) return;
    const snapshots: PackedSnapshot[] = [];
    for (const merged of ticks) {
      snapshots.push(this.#builder.build(merged, this.#schedule.intervalNs, this.#collectors.values()));
    }
    this.#latest = snapshots.at(-1);
    this.#emitting = true;
    try {
      for (const listener of this.#listeners) listener(snapshots);
    } finally {
      this.#emitting = false;
    }
  }

  /** Has the collectors wake main as often as somebody needs it, and no longer waits for them than that. */
  #followPace(): void {
    const { intervalMs } = this;
    const deliveryMs = intervalMs * this.#schedule.ticksPerDelivery;
    const most = Math.max(1, Math.floor(MOST_TICKS_A_TURN / this.#schedule.ticksPerDelivery));
    const deliveries =
      this.#paceMs === undefined
        ? Math.max(1, Math.min(Math.floor(LEISURE_MS / deliveryMs), most))
        : largestPart(this.#paceMs / deliveryMs, most);
    this.#arrivals.wakeEvery(deliveries);
    const longestMs = deliveries * deliveryMs;
    this.#silenceMs = Math.max(SHORTEST_SILENCE_MS, 2 * intervalMs, longestMs + SILENCE_MARGIN_MS);
    this.#watchForSilence();
  }

  /** Keeps snapshots coming, at a gentle pace, while no collector at all can answer. */
  #watchForSilence(): void {
    clearTimeout(this.#silence);
    if (!this.#running) return;
    this.#silence = setTimeout(() => {
      this.delivered();
      const now = monotonicNs();
      if ((now - this.#heardNs) / NS_PER_MS >= this.#silenceMs) {
        this.#emit(this.#merge.giveUp(Math.floor(now / this.#schedule.intervalNs)));
      }
      this.#watchForSilence();
    }, this.#silenceMs);
  }

  #find(name: string): SampledCollector {
    const collector = this.#collectors.get(name);
    if (collector !== undefined) return collector;
    const known = [...this.#collectors.keys(), ...this.#dormant.keys()];
    throw new HzstatError('COLLECTOR_UNKNOWN', noSuch('collector', name, known));
  }
}

function scheduleFor(intervalMs: number, epoch: number): Schedule {
  return {
    epoch,
    intervalNs: intervalMs * NS_PER_MS,
    ticksPerDelivery: Math.max(1, Math.floor(DELIVERY_MS / intervalMs)),
    ringRows: ringRowsFor(intervalMs),
  };
}

/** The largest whole number up to `most` of which a length is a multiple; 1 where it is none of any other. */
function largestPart(length: number, most: number): number {
  if (!Number.isInteger(length)) return 1;
  for (let part = Math.min(length, most); part > 1; part--) if (length % part === 0) return part;
  return 1;
}

/** Twice what main takes at a time: it may be kept from it for as long again. */
function ringRowsFor(intervalMs: number): number {
  const ticks = Math.min(Math.ceil(LEISURE_MS / intervalMs), MOST_TICKS_A_TURN);
  return Math.max(FEWEST_RING_ROWS, 2 ** Math.ceil(Math.log2(2 * ticks)));
}

function describe({ intervalMs, usedPercent, reason }: Decision, { limitPercent }: Governor): string {
  const used = `the sampler used ${usedPercent.toFixed(1)} % of a core`;
  return reason === 'over_budget'
    ? `${used}, more than its budget of ${limitPercent} %: sampling every ${formatDurationMs(intervalMs)} from now on`
    : `${used}, which leaves room in its budget of ${limitPercent} %: sampling every ${formatDurationMs(intervalMs)} again`;
}
