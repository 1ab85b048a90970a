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
/** All charts share one answer; this is about the width of the widest. */
const PIXELS = 700;

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

  /** From which tables the part of the view outside memory is; undefined when it is all memory, or nothing is there. */
  get origin(): Origin | undefined {
    return this.#need === undefined ? undefined : this.#part?.origin;
  }

  /** Whether buckets of this width, in seconds, stand for more than a sample each. */
  isThinned(width: number): boolean {
    const { snapshot, interval } = this.#store;
    return width > ((snapshot?.sampling.interval_ms ?? interval * 1000) / 1000) * 1.5;
  }

  /** What is known of these series in a stretch of time, right now. More may come: `onUpdate` says so. */
  buckets(keys: readonly string[], range: Range, pixels: number): Buckets {
    const { rows, interval } = this.#store;
    const width = (range.to - range.from) / Math.max(pixels, 1);
    const memoryFrom = rows.length === 0 ? Number.POSITIVE_INFINITY : rows.firstTime;
    let memory = NO_BUCKETS;
    if (range.to >= memoryFrom) {
      const first = Math.max(rows.indexAt(range.from - Math.max(width, interval)) - 1, 0);
      const last = Math.min(rows.indexAt(range.to) + 1, rows.length);
      const intervals = rows.column(INTERVAL_KEY);
      const source = { times: rows.times, interval, intervals, column: (key: string) => rows.column(key) };
      memory = bucketsOf(source, keys, width, first, last);
    }
    if (range.from >= memoryFrom - Math.max(interval * 2, width * 1.5)) {
      this.#need = undefined;
      this.#trouble = undefined;
      return memory;
    }
    if (!this.#store.isRecorded) {
      this.#trouble = 'what was before is not recorded (--no-history)';
      return memory;
    }
    this.#ask({ from: range.from, to: Math.min(range.to, memoryFrom) }, range, keys);
    const part = this.#part;
    if (part === undefined) return memory;
    return joined(before(part.buckets, memoryFrom), memory, keys);
  }

  /** Forgets what history said: the server may be another one now. */
  reset(): void {
    this.#part = undefined;
    this.#trouble = undefined;
  }

  #ask(missing: Range, shown: Range, keys: readonly string[]): void {
    if (this.#store.snapshot === undefined && performance.now() < FIRST_SNAPSHOT_MS) return;
    const span = shown.to - shown.from;
    const resolution = resolutionFor(span, PIXELS, this.#store.interval);
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
