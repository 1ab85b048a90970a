import type { Snapshot } from '../shared/snapshot.ts';

/** Fields that tell about a stretch of time; all others tell about its end. */
const MEAN_FIELD =
  /_per_sec$|^(usage|user|nice|system|idle|iowait|irq|softirq|steal|busy|some|full)_percent$|_latency_ms$/;

type Fields = Record<string, unknown>;

interface Series {
  /** Whether the field tells about a stretch of time, so that its mean is what counts. */
  readonly isMean: boolean;
  sum: number;
  weight: number;
  minimum: number;
  maximum: number;
}

/** What the fields were so far, in the shape of the data they came from. */
interface Group {
  readonly fields: Map<string, Series>;
  readonly children: Map<string, Group>;
  readonly isList: boolean;
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
  readonly #intervalMs: number;
  readonly #withExtremes: boolean;
  #groups = new Map<string, Group>();
  readonly #events = new PerfCounts();
  /** The interval under way, and the latest snapshot in it. */
  #interval = -1;
  #last: Snapshot | undefined;

  /**
   * @param intervalMs of the client; 0 for every snapshot as it is
   * @param withExtremes adds the smallest and the largest value of every number
   */
  constructor(intervalMs: number, withExtremes = false) {
    this.#intervalMs = intervalMs;
    this.#withExtremes = withExtremes;
  }

  /** Takes the next snapshot; returns what it completes, which is seldom more than one thinned snapshot. */
  add(snapshot: Snapshot): Snapshot[] {
    const { tick, interval_ms } = snapshot.sampling;
    if (this.#intervalMs <= interval_ms) return [snapshot];
    const interval = Math.floor((tick * interval_ms) / this.#intervalMs);
    const completed: Snapshot[] = [];
    // The last ticks of an interval may have been missed: it ends when the next one begins.
    if (this.#last !== undefined && interval !== this.#interval) completed.push(this.#finish(this.#last));
    this.#interval = interval;
    this.#last = snapshot;
    for (const [name, sampling] of Object.entries(snapshot.sampling.collectors)) {
      const data: unknown = snapshot[name as keyof Snapshot];
      if (sampling.state === 'ok' && isFields(data))
        this.#fold(name, data, sampling.elapsed_ms ?? interval_ms);
    }
    this.#events.add(snapshot.perf_events);
    const next = Math.floor(((tick + 1) * interval_ms) / this.#intervalMs);
    if (next !== interval) completed.push(this.#finish(snapshot));
    return completed;
  }

  #fold(name: string, data: Fields, weight: number): void {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { fields: new Map(), children: new Map(), isList: false };
      this.#groups.set(name, group);
    }
    fold(group, data, weight, this.#withExtremes);
  }

  #finish(last: Snapshot): Snapshot {
    const thinned: Fields = {};
    const minimum: Fields = {};
    const maximum: Fields = {};
    for (const [name, group] of this.#groups) {
      const data: unknown = last[name as keyof Snapshot];
      if (isFields(data)) thinned[name] = applyMeans(group, data);
      minimum[name] = extremes(group, 'minimum');
      maximum[name] = extremes(group, 'maximum');
    }
    if (last.perf_events !== undefined) thinned.perf_events = this.#events.applyTo(last.perf_events);
    this.#groups = new Map();
    this.#events.clear();
    this.#last = undefined;
    return { ...last, ...thinned, ...(this.#withExtremes && { minimum, maximum }) };
  }
}

function fold(group: Group, data: Fields | readonly unknown[], weight: number, withExtremes: boolean): void {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'number') {
      const isMean = group.isList || MEAN_FIELD.test(key);
      if (isMean || withExtremes) foldNumber(group, key, value, weight, isMean);
    } else if (isFields(value) || Array.isArray(value)) {
      let child = group.children.get(key);
      if (child === undefined) {
        child = { fields: new Map(), children: new Map(), isList: Array.isArray(value) };
        group.children.set(key, child);
      }
      fold(child, value, weight, withExtremes);
    }
  }
}

function foldNumber({ fields }: Group, key: string, value: number, weight: number, isMean: boolean): void {
  const series = fields.get(key);
  if (series === undefined) {
    fields.set(key, { isMean, sum: value * weight, weight, minimum: value, maximum: value });
    return;
  }
  series.sum += value * weight;
  series.weight += weight;
  series.minimum = Math.min(series.minimum, value);
  series.maximum = Math.max(series.maximum, value);
}

/** The data of the end of the interval with means where there are any. */
function applyMeans(group: Group, data: Fields): Fields {
  const result: Fields = { ...data };
  for (const [key, { isMean, sum, weight }] of group.fields) {
    if (isMean && typeof result[key] === 'number') result[key] = sum / weight;
  }
  for (const [key, child] of group.children) {
    const value = result[key];
    if (isFields(value)) result[key] = applyMeans(child, value);
    else if (Array.isArray(value)) {
      result[key] = value.map((item: unknown, index) => {
        const series = child.fields.get(String(index));
        return typeof item === 'number' && series !== undefined ? series.sum / series.weight : item;
      });
    }
  }
  return result;
}

/** The smallest or the largest value of every number, in the shape of the data. */
function extremes(group: Group, which: 'minimum' | 'maximum'): unknown {
  if (group.isList) {
    const length = 1 + [...group.fields.keys()].reduce((most, key) => Math.max(most, Number(key)), -1);
    return Array.from({ length }, (_, index) => group.fields.get(String(index))?.[which] ?? null);
  }
  const result: Fields = {};
  for (const [key, series] of group.fields) result[key] = series[which];
  for (const [key, child] of group.children) result[key] = extremes(child, which);
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
