import type { Range } from '../view/view_state.ts';
import { type Buckets, bucketsOf, joined, NO_BUCKETS } from './buckets.ts';
import { coarser, historySql, type Resolution, resolutionFor, sourcesOf } from './history_sql.ts';
import {
  alignRows,
  before,
  filled,
  type HistoryRow,
  historyRows,
  isWhole,
  stretchesOf,
} from './history_window.ts';
import type { LiveStore } from './live_store.ts';
import { metricKey } from './metric.ts';
import { query } from './server.ts';

/** While a view is being dragged, history is not asked at every step. */
const SETTLE_MS = 150;
/** The stream may be about to bring what is missing. */
const FIRST_SETTLE_MS = 500;
/** But asked it is after so long, however often the view changes: a live one does so at every sample. */
const LONGEST_SETTLE_MS = 1_000;
/** Asked for on either side of what is shown, so that a small pan finds it there; a share of the span. */
const MARGIN = 0.25;
/** So long the first snapshot is waited for, which tells what there is to ask about. */
const FIRST_SNAPSHOT_MS = 1_500;
/** All charts share one answer; while time moves on, this many columns are enough for it. */
const PIXELS = 700;

/** Below this share of the distance between two rows of memory there is room for the samples between them. */
const FINE_SHARE = 0.75;
const EVERY_SAMPLE: Resolution = { suffix: '', width: 0 };
/** So finely it is looked whether anything was sampled in a stretch. */
const KNOWN_COLUMNS = 20;

/** The sampler may have changed its pace: what is a gap depends on it. */
const INTERVAL_KEY = metricKey('sampling', 'interval_ms');

interface HistoryPart {
  readonly range: Range;
  readonly resolution: Resolution;
  readonly keys: Set<string>;
  buckets: Buckets;
  readonly origin: Origin | undefined;
}

/** Where what history said is from. */
export interface Origin extends Resolution {
  /** Where rows that are no longer kept are replaced by their rollups: the stretches of which there are rows. */
  readonly kept?: readonly Range[];
}

/** One time line out of two: the stream's minutes from memory, and history before them. */
export class Timeline {
  readonly #store: LiveStore;
  readonly #onUpdate: () => void;
  readonly #wanted = new Set<string>();
  #need: { range: Range; span: number; resolution: Resolution } | undefined;
  #part: HistoryPart | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Since when something is missing that was not asked for yet. */
  #missingSinceMs: number | undefined;
  #asking = false;
  #trouble: string | undefined;
  #perfIntervalMs = 1000;
  /** Columns of the widest chart of a view that stands still. */
  #widest = PIXELS;
  #lastShown = '';

  constructor(store: LiveStore, onUpdate: () => void) {
    this.#store = store;
    this.#onUpdate = onUpdate;
  }

  /** Why history cannot be had, in the server's words. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  get loading(): boolean {
    return this.#asking;
  }

  /** Whether history is being asked, or about to be. */
  get isPending(): boolean {
    return this.#asking || this.#settling !== undefined;
  }

  /** From which tables the part of the view outside memory is; undefined when it is all memory, or nothing is there. */
  get origin(): Origin | undefined {
    return this.#need === undefined ? undefined : this.#part?.origin;
  }

  /** Whether buckets of this width, in seconds, stand for more than a sample each. */
  isThinned(width: number): boolean {
    return width > this.#sampleInterval * 1.5;
  }

  /** Seconds between two samples, of which memory may hold fewer. */
  get #sampleInterval(): number {
    const { snapshot, interval } = this.#store;
    return snapshot === undefined ? interval : snapshot.sampling.interval_ms / 1000;
  }

  /** What is known of these series in a stretch of time, right now. More may come: `onUpdate` says so. */
  buckets(keys: readonly string[], range: Range, pixels: number, isLive = true): Buckets {
    const { rows, interval, isRecorded } = this.#store;
    const width = (range.to - range.from) / Math.max(pixels, 1);
    const memoryFrom = rows.length === 0 ? Number.POSITIVE_INFINITY : rows.firstTime;
    const memory = this.#remembered(keys, range, width, memoryFrom);
    this.#notice(range, pixels, isLive);
    // Memory has means of several samples where there is room for each of them.
    const wantsSamples = this.#store.isThinned && !isLive && isRecorded && width < interval * FINE_SHARE;
    if (range.from >= memoryFrom - Math.max(interval * 2, width * 1.5) && !wantsSamples) {
      this.#need = undefined;
      this.#trouble = undefined;
      return memory;
    }
    if (!isRecorded) {
      this.#trouble = 'earlier data is not recorded (--no-history)';
      return memory;
    }
    const missing = wantsSamples ? range : { from: range.from, to: Math.min(range.to, memoryFrom) };
    this.#ask(missing, range, keys);
    const part = this.#part;
    if (part === undefined) return memory;
    if (!wantsSamples) return joined(before(part.buckets, memoryFrom), memory, keys);
    const isThere = part.range.from <= range.from && part.buckets.times.length > 0;
    return isThere && part.resolution.width < interval ? part.buckets : memory;
  }

  /** What is known without asking, in a few columns. */
  known(keys: readonly string[], range: Range): Buckets {
    const { rows } = this.#store;
    const memoryFrom = rows.length === 0 ? Number.POSITIVE_INFINITY : rows.firstTime;
    const memory = this.#remembered(keys, range, (range.to - range.from) / KNOWN_COLUMNS, memoryFrom);
    const part = this.#part?.buckets;
    if (part === undefined || range.from >= memoryFrom) return memory;
    const first = part.times.findIndex((time) => time > range.from);
    const last = part.times.findLastIndex((time) => time < range.to);
    if (first === -1 || last < first) return memory;
    const cut = new Map(
      keys.flatMap((key) => {
        const band = part.bands.get(key);
        if (band === undefined) return [];
        const avg = band.avg.slice(first, last + 1);
        return [[key, { min: avg, avg, max: avg }] as const];
      }),
    );
    return joined({ times: part.times.slice(first, last + 1), width: part.width, bands: cut }, memory, keys);
  }

  #remembered(keys: readonly string[], range: Range, width: number, memoryFrom: number): Buckets {
    const { rows, interval } = this.#store;
    if (range.to < memoryFrom) return NO_BUCKETS;
    const first = Math.max(rows.indexAt(range.from - Math.max(width, interval)) - 1, 0);
    const last = Math.min(rows.indexAt(range.to) + 1, rows.length);
    const intervals = rows.column(INTERVAL_KEY);
    const source = { times: rows.times, interval, intervals, column: (key: string) => rows.column(key) };
    return bucketsOf(source, keys, width, first, last);
  }

  #notice(range: Range, pixels: number, isLive: boolean): void {
    if (isLive) {
      this.#widest = PIXELS;
      return;
    }
    const shown = `${range.from} ${range.to}`;
    this.#widest = Math.max(shown === this.#lastShown ? this.#widest : PIXELS, pixels);
    this.#lastShown = shown;
  }

  /** Forgets what history said: the server may be another one now. */
  reset(): void {
    this.#part = undefined;
    this.#trouble = undefined;
  }

  #ask(missing: Range, shown: Range, keys: readonly string[]): void {
    if (this.#store.snapshot === undefined && performance.now() < FIRST_SNAPSHOT_MS) return;
    const span = shown.to - shown.from;
    const hasRoom = span / this.#sampleInterval <= this.#widest;
    const resolution = hasRoom ? EVERY_SAMPLE : resolutionFor(span, PIXELS, this.#sampleInterval);
    this.#need = { range: missing, span, resolution };
    const part = this.#part;
    const covered =
      part !== undefined &&
      part.resolution.width <= Math.max(resolution.width, 1e-9) * 1.01 &&
      part.resolution.width >= resolution.width / 4 &&
      part.range.from <= missing.from &&
      part.range.to >= missing.to - Math.max(resolution.width, this.#store.interval);
    if (covered && keys.every((key) => part.keys.has(key))) return;
    for (const key of keys) this.#wanted.add(key);
    if (this.#asking) return;
    const nowMs = performance.now();
    this.#missingSinceMs ??= nowMs;
    const isOverdue = nowMs - this.#missingSinceMs > LONGEST_SETTLE_MS;
    if (isOverdue && this.#settling !== undefined) return;
    clearTimeout(this.#settling);
    const settleMs = part === undefined ? FIRST_SETTLE_MS : SETTLE_MS;
    this.#settling = setTimeout(() => void this.#fetch(), settleMs);
  }

  async #fetch(): Promise<void> {
    this.#settling = undefined;
    this.#missingSinceMs = undefined;
    const need = this.#need;
    if (need === undefined) return;
    const { span } = need;
    const old = this.#part;
    // What comes after the latest snapshot is not known yet, whatever the answer covers.
    const to = Math.min(need.range.to + span * MARGIN, this.#store.now);
    const range = { from: need.range.from - span * MARGIN, to };
    const keys = new Set([INTERVAL_KEY, ...(old?.keys ?? []), ...this.#wanted]);
    this.#wanted.clear();
    this.#asking = true;
    this.#onUpdate();
    this.#perfIntervalMs = this.#store.snapshot?.perf_events?.interval_ms ?? this.#perfIntervalMs;
    try {
      this.#part = { range, resolution: need.resolution, keys, ...(await this.#answer(keys, range, need)) };
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      const { buckets = NO_BUCKETS, origin } = old ?? {};
      this.#part = { range, resolution: need.resolution, keys, buckets, origin };
    }
    this.#asking = false;
    this.#onUpdate();
  }

  /** Rollups are kept longer than rows, and of rows those around incidents: where there are none, rollups tell. */
  async #answer(
    keys: Iterable<string>,
    range: Range,
    need: { readonly resolution: Resolution },
  ): Promise<Pick<HistoryPart, 'buckets' | 'origin'>> {
    const sources = sourcesOf(keys);
    const ask = async (asked: Resolution, within = range): Promise<HistoryRow[]> => {
      const { rows } = await query(historySql(sources, within, asked, this.#perfIntervalMs));
      return historyRows(rows);
    };
    let { resolution } = need;
    let rows = await ask(resolution);
    for (let next = coarser(resolution); rows.length === 0 && next !== undefined; next = coarser(next)) {
      resolution = next;
      rows = await ask(resolution);
    }
    if (rows.length === 0) return { buckets: NO_BUCKETS, origin: undefined };
    const { interval } = this.#store;
    const kept = stretchesOf(rows, interval);
    const isFull = resolution.suffix !== '' || isWhole(kept, range, interval);
    const seconds = isFull ? undefined : coarser(resolution);
    const wholeSeconds = { from: Math.ceil(range.from), to: Math.floor(range.to) };
    const whole = seconds === undefined ? rows : filled(rows, await ask(seconds, wholeSeconds));
    const count = (all: readonly HistoryRow[]): number => all.reduce((sum, { t }) => sum + t.length, 0);
    return {
      buckets: alignRows(whole, sources, resolution),
      origin: count(whole) > count(rows) ? { ...resolution, kept } : resolution,
    };
  }
}
