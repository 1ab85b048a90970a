import { monotonicNs } from '../../src/base/clock.ts';
import { errorMessage, HzstatError } from '../../src/base/errors.ts';
import { formatDurationMs, NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { PerfEventsData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { readText } from '../files/slow_file.ts';
import { possibleCpus } from '../host/cpu_count.ts';
import { parseCpuIds } from '../host/cpu_list.ts';
import { PERF_EVENTS } from '../perf/event_list.ts';
import { EventRecord } from '../perf/event_record.ts';
import { IntervalReader, type PerfInterval } from '../perf/interval_reader.ts';
import { type PerfAbilities, probePerf } from '../perf/perf_probe.ts';
import { PerfProcess, type PerfRun } from '../perf/perf_process.ts';
import { explainTrouble, explainUncounted, explainUnsupported } from '../perf/perf_trouble.ts';

/** Reading all counters on all CPUs more often than this costs more than it tells. */
const SHORTEST_INTERVAL_MS = 10;
/** A perf that has printed nothing for this many of its intervals, and at least this long, is stuck. */
const STALE_INTERVALS = 3;
const SHORTEST_STALE_MS = 1_000;
/** A sample this many intervals old, and at least this old, is stale: the collector fails until perf is replaced. */
const LATE_INTERVALS = 2;
const SHORTEST_LATE_MS = 250;
/** How often the thread turns its event loop, in which the end of perf is heard. */
const LOOK_AFTER_CHILD_NS = NS_PER_SECOND;
const SOURCE = 'perf stat';
/** What the fields of events begin with. */
const EVENTS = 'events.';
const NONE: readonly string[] = [];
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * What `perf stat -I` counts on whole CPUs. perf runs beside the ticks, at its own pace; a sample is its latest
 * complete interval. perf is probed once for what it can count here, and then asked for that alone.
 */
export class PerfEventsCollector extends BaseCollector<PerfEventsData> {
  readonly name = 'perf_events';
  override readonly longestBlockNs = LOOK_AFTER_CHILD_NS;
  readonly #rootfs: string;
  readonly #cpus: string;
  #intervalMs = 0;
  #perf: PerfProcess | undefined;
  #reader: IntervalReader | undefined;
  #turnedNs = 0;
  /** When the sample under way was begun. */
  #nowNs = 0;
  /** Rises with every start and stop, so that what an earlier life still says is not believed. */
  #life = 0;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #abilities: PerfAbilities | undefined;
  #latest: PerfInterval | undefined;
  readonly #record: EventRecord;
  /** What the words below were made of, and the words: they change seldom, and making them costs more than counting. */
  #explainedRevision = -1;
  #explainedEvents = '';
  #uncounted: readonly string[] = [];
  #explained: string | undefined;
  /** Every perf process started here that has not ended yet. */
  readonly #processes = new Set<PerfProcess>();
  #heardNs = 0;
  #error: string | undefined;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
    this.#cpus = options.perfCpus;
    const isAll = this.#cpus === 'all';
    this.#record = new EventRecord(isAll ? possibleCpus(this.#rootfs) : parseCpuIds(this.#cpus).length);
  }

  override start(intervalNs: number): void {
    const intervalMs = Math.max(SHORTEST_INTERVAL_MS, Math.round(intervalNs / NS_PER_MS));
    if (intervalMs === this.#intervalMs) return;
    this.pause();
    this.#intervalMs = intervalMs;
    this.#begin();
  }

  override pause(): void {
    this.#life++;
    this.#intervalMs = 0;
    clearTimeout(this.#retry);
    this.#perf?.stop();
    this.#perf = undefined;
    this.#forget();
  }

  /** Nothing of it is left behind, not even a perf that was told to end before and has not. */
  override close(): void {
    this.pause();
    for (const perf of this.#processes) perf.kill();
  }

  /** While perf runs its output waits in a file; while it is being started there are events to hear. */
  override get waitsInEventLoop(): boolean {
    return this.#perf === undefined && this.enabled;
  }

  override needsEventLoop(): boolean {
    if (monotonicNs() - this.#turnedNs < LOOK_AFTER_CHILD_NS) return false;
    setImmediate(() => {
      this.#turnedNs = monotonicNs();
    });
    return true;
  }

  collect(): PerfEventsData | null {
    // Once: each reading of the clock costs microseconds on a thread that has just woken.
    this.#nowNs = monotonicNs();
    if (this.#perf !== undefined) this.#reader?.push(this.#perf.read());
    this.#checkPulse();
    this.#requireNews();
    const latest = this.#latest;
    const error = this.#error;
    if (latest === undefined && error === undefined) return null;
    const missing = this.#abilities?.missing ?? NONE;
    const unsupported = this.#abilities?.unsupported ?? NONE;
    this.#explainGaps(latest, missing.length + unsupported.length);
    const uncounted = this.#uncounted;
    const data: PerfEventsData = {
      available: error === undefined && missing.length + unsupported.length + uncounted.length === 0,
      cpu_cores: this.#cpus,
      interval_ms: this.#intervalMs,
      events: latest?.events ?? {},
    };
    if (latest !== undefined) {
      data.sample_time = latest.sampleTime;
      data.elapsed_ms = latest.elapsedMs;
      if (latest.userOnly) data.user_space_only = true;
    }
    if (missing.length > 0) data.missing_events = [...missing];
    if (unsupported.length > 0) data.unsupported_events = [...unsupported];
    const explained = error ?? this.#explained;
    if (explained !== undefined) data.error = explained;
    return data;
  }

  /** Says why events have no value, when that is another than at the tick before. */
  #explainGaps(latest: PerfInterval | undefined, absent: number): void {
    const events = Object.keys(latest?.events ?? {}).join();
    const { revision, counted } = this.#record;
    if (revision === this.#explainedRevision && events === this.#explainedEvents) return;
    this.#explainedRevision = revision;
    this.#explainedEvents = events;
    const uncounted = Object.keys(latest?.events ?? {}).filter((name) => !counted.has(name));
    this.#uncounted = uncounted;
    this.#explained = this.#reasons(absent, uncounted);
    this.#nameSources(uncounted);
  }

  #reasons(absent: number, uncounted: readonly string[]): string | undefined {
    const reasons: string[] = [];
    if (absent > 0) reasons.push(explainUnsupported(absent, PERF_EVENTS.length));
    if (uncounted.length > 0) {
      reasons.push(explainUncounted(uncounted, this.#record.counted, PERF_EVENTS.length, this.#rootfs));
    }
    return reasons.length === 0 ? undefined : reasons.join('; ');
  }

  /** Every event that has no value is named, with the reason. */
  #nameSources(uncounted: readonly string[]): void {
    const messages = this.#record.messages(this.#abilities, uncounted);
    const known = Object.entries(this.sources ?? {});
    const same =
      known.length === messages.size &&
      known.every(([field, { message }]) => messages.get(field.slice(EVENTS.length)) === message);
    if (same) return;
    this.sources = Object.fromEntries(
      Array.from(messages, ([name, message]) => [`${EVENTS}${name}`, { source: SOURCE, message }]),
    );
  }

  /** Probes what perf can count, then lets it count that until it ends. */
  #begin(): void {
    const life = ++this.#life;
    this.#heardNs = monotonicNs();
    this.#run(life).catch((error: unknown) => this.#fail(life, errorMessage(error)));
  }

  async #run(life: number): Promise<void> {
    const absent = this.#absentCpus();
    if (absent.length > 0) {
      const online = readText(`${this.#rootfs}/sys/devices/system/cpu/online`);
      this.#fail(life, `CPU ${absent.join(', ')} is not online (${online} are): check --perf-cpus`);
      return;
    }
    const probe = await probePerf(this.#cpus, this.#rootfs, (run) => this.#launch(run));
    if (life !== this.#life) return;
    if (!probe.ok) {
      this.#fail(life, probe.error);
      return;
    }
    this.#abilities = probe.abilities;
    this.#explainedRevision = -1;
    const { supported, format } = probe.abilities;
    if (supported.length === 0) {
      this.#fail(life, explainUnsupported(PERF_EVENTS.length, PERF_EVENTS.length));
      return;
    }
    this.#reader = new IntervalReader(format, supported.length, (interval) => this.#hear(life, interval));
    const run = { format, cpus: this.#cpus, events: supported, intervalMs: this.#intervalMs };
    this.#heardNs = monotonicNs();
    const perf = this.#launch(run);
    this.#perf = perf;
    const { ending, stderr } = await perf.ended;
    perf.close();
    if (life !== this.#life) return;
    this.#perf = undefined;
    this.#fail(life, explainTrouble(stderr, ending, this.#rootfs));
  }

  #hear(life: number, interval: PerfInterval): void {
    if (life !== this.#life) return;
    this.#record.take(interval);
    this.#latest = interval;
    this.#heardNs = this.#nowNs;
    this.#error = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** Old data is not shown as new: without news for some intervals it goes, and perf is started again. */
  #checkPulse(): void {
    const silentMs = (this.#nowNs - this.#heardNs) / NS_PER_MS;
    if (
      this.#perf === undefined ||
      silentMs < Math.max(SHORTEST_STALE_MS, STALE_INTERVALS * this.#intervalMs)
    ) {
      return;
    }
    const stuck = this.#perf;
    this.#perf = undefined;
    stuck.kill();
    this.#fail(
      this.#life,
      `perf has printed nothing for ${formatDurationMs(Math.round(silentMs / 1000) * 1000)}`,
    );
  }

  /** @throws HzstatError COLLECTOR_STUCK while perf runs and says nothing: what it said last is no sample of now */
  #requireNews(): void {
    if (this.#perf === undefined || this.#latest === undefined) return;
    const silentMs = (this.#nowNs - this.#heardNs) / NS_PER_MS;
    if (silentMs < Math.max(SHORTEST_LATE_MS, LATE_INTERVALS * this.#intervalMs)) return;
    throw new HzstatError('COLLECTOR_STUCK', `perf has printed nothing for ${Math.round(silentMs)}ms`);
  }

  #launch(run: PerfRun): PerfProcess {
    const perf = new PerfProcess(run);
    this.#processes.add(perf);
    void perf.ended.then(() => this.#processes.delete(perf));
    return perf;
  }

  #fail(life: number, reason: string): void {
    if (life !== this.#life) return;
    const delayMs = this.#retryMs;
    this.#retryMs = Math.min(delayMs * 2, LONGEST_RETRY_MS);
    this.#forget();
    this.#error = `${reason}; trying again after ${formatDurationMs(delayMs)}`;
    this.#life++;
    this.#retry = setTimeout(() => this.#begin(), delayMs);
  }

  #forget(): void {
    this.#latest = undefined;
    this.#record.clear();
    this.#error = undefined;
  }

  /** perf itself does not mind a CPU that is not there: it counts nothing on it and says nothing. */
  #absentCpus(): number[] {
    if (this.#cpus === 'all') return [];
    const online = readText(`${this.#rootfs}/sys/devices/system/cpu/online`);
    if (online === undefined) return [];
    const ids = new Set(parseCpuIds(online));
    return parseCpuIds(this.#cpus).filter((id) => !ids.has(id));
  }
}
