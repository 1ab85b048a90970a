import type { Snapshot } from '../shared/snapshot.ts';

/** Fields that tell about a stretch of time; all others tell about its end. */
const MEAN_FIELD =
  /_per_sec$|^(usage|user|nice|system|idle|iowait|irq|softirq|steal|busy|some|full)_percent$|_latency_ms$/;

type Fields = Record<string, unknown>;

interface Mean {
  sum: number;
  weight: number;
}

/** Means of the fields seen so far, in the shape of the data they came from. */
interface Means {
  readonly fields: Map<string, Mean>;
  readonly children: Map<string, Means>;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Makes one snapshot of several for a client that wants fewer: counters and gauges as they are at the end, rates
 * and shares of time as their mean over the client's own interval, weighted by the time each covers. For a rate
 * that mean is what the counters at both ends would give.
 */
export class Thinning {
  readonly #everyTicks: number;
  #means = new Map<string, Means>();
  readonly #events = new PerfCounts();
  /** The interval under way, and the latest snapshot in it. */
  #group = -1;
  #last: Snapshot | undefined;

  constructor(everyTicks: number) {
    this.#everyTicks = everyTicks;
  }

  /** Takes the next snapshot; returns what it completes, which is seldom more than one thinned snapshot. */
  add(snapshot: Snapshot): Snapshot[] {
    if (this.#everyTicks === 1) return [snapshot];
    const { tick, interval_ms } = snapshot.sampling;
    const group = Math.floor(tick / this.#everyTicks);
    const completed: Snapshot[] = [];
    // The last ticks of an interval may have been missed: it ends when the next one begins.
    if (this.#last !== undefined && group !== this.#group) completed.push(this.#finish(this.#last));
    this.#group = group;
    this.#last = snapshot;
    for (const [name, sampling] of Object.entries(snapshot.sampling.collectors)) {
      const data: unknown = snapshot[name as keyof Snapshot];
      if (sampling.state !== 'ok' || !isFields(data)) continue;
      this.#fold(name, data, sampling.elapsed_ms ?? interval_ms);
    }
    this.#events.add(snapshot.perf_events);
    if ((tick + 1) % this.#everyTicks === 0) completed.push(this.#finish(snapshot));
    return completed;
  }

  #fold(name: string, data: Fields, weight: number): void {
    let means = this.#means.get(name);
    if (means === undefined) {
      means = { fields: new Map(), children: new Map() };
      this.#means.set(name, means);
    }
    fold(means, data, weight);
  }

  #finish(last: Snapshot): Snapshot {
    const thinned: Fields = {};
    for (const [name, means] of this.#means) {
      const data: unknown = last[name as keyof Snapshot];
      if (isFields(data)) thinned[name] = applyMeans(means, data);
    }
    if (last.perf_events !== undefined) thinned.perf_events = this.#events.applyTo(last.perf_events);
    this.#means = new Map();
    this.#events.clear();
    this.#last = undefined;
    return { ...last, ...thinned };
  }
}

function fold(means: Means, data: Fields | readonly unknown[], weight: number, all = false): void {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'number') {
      if (!all && !MEAN_FIELD.test(key)) continue;
      const mean = means.fields.get(key);
      if (mean === undefined) means.fields.set(key, { sum: value * weight, weight });
      else {
        mean.sum += value * weight;
        mean.weight += weight;
      }
    } else if (isFields(value) || key === 'per_core') {
      let child = means.children.get(key);
      if (child === undefined) {
        child = { fields: new Map(), children: new Map() };
        means.children.set(key, child);
      }
      if (isFields(value)) fold(child, value, weight);
      else if (Array.isArray(value)) fold(child, value, weight, true);
    }
  }
}

/** The data of the end of the interval with means where there are any. */
function applyMeans(means: Means, data: Fields): Fields {
  const result: Fields = { ...data };
  for (const [key, mean] of means.fields) if (key in result) result[key] = mean.sum / mean.weight;
  for (const [key, child] of means.children) {
    const value = result[key];
    if (isFields(value)) result[key] = applyMeans(child, value);
    else if (Array.isArray(value)) {
      result[key] = value.map((core: unknown, index) => {
        const mean = child.fields.get(String(index));
        return core === null || mean === undefined ? core : mean.sum / mean.weight;
      });
    }
  }
  return result;
}

type PerfEvents = NonNullable<Snapshot['perf_events']>;

/** Adds up what perf counted in its own intervals, each of which may be seen in more than one snapshot. */
class PerfCounts {
  #sampleTime: string | undefined;
  #elapsedMs = 0;
  readonly #values = new Map<string, number>();

  add(perf: PerfEvents | undefined): void {
    if (perf?.sample_time === undefined || perf.sample_time === this.#sampleTime) return;
    this.#sampleTime = perf.sample_time;
    this.#elapsedMs += perf.elapsed_ms ?? perf.interval_ms;
    for (const [event, { value }] of Object.entries(perf.events)) {
      if (value !== null) this.#values.set(event, (this.#values.get(event) ?? 0) + value);
    }
  }

  /** Counts anew, without forgetting which of perf's intervals was counted last. */
  clear(): void {
    this.#elapsedMs = 0;
    this.#values.clear();
  }

  applyTo(perf: PerfEvents): PerfEvents {
    if (this.#elapsedMs === 0) return perf;
    const events: PerfEvents['events'] = {};
    for (const [event, data] of Object.entries(perf.events)) {
      events[event] = { ...data, value: this.#values.get(event) ?? data.value };
    }
    return { ...perf, elapsed_ms: this.#elapsedMs, events };
  }
}
