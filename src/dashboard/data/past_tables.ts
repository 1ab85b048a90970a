import type { LiveStore } from './live_store.ts';
import { momentOf, momentSql, type PastMoment } from './past_sql.ts';
import { query } from './server.ts';

/** A pointer that moves asks only when it rests. */
const REST_MS = 150;
/** Time moves on under a pointer that rests: then it is asked again, but not at once. */
const PAUSE_MS = 500;
/** What was taken so lately, in seconds, may not be recorded yet. */
const RECORDING_LAG = 3;
const RETRY_MS = 700;
/** A server that is busy may be able to answer a while later. */
const RETRY_FAILED_MS = 3_000;
/** What came before a moment by more than so many intervals was not there at that moment. */
const INTERVALS = 2.5;
const SHORTEST_WINDOW = 0.05;
/** Rows are gone sooner than rollups. */
const ROLLUPS = [
  { suffix: '', seconds: 0 },
  { suffix: '_1s', seconds: 1 },
  { suffix: '_1m', seconds: 60 },
] as const;

/** Rows of tables at the moment somebody looks at, from history, with one question for all that want some. */
export class PastTables {
  readonly #store: LiveStore;
  readonly #onUpdate: () => void;
  readonly #tables = new Set<string>();
  #wanted: number | undefined;
  #known:
    | { readonly moment: number; readonly tables: ReadonlySet<string>; readonly was: PastMoment }
    | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined;

  constructor(store: LiveStore, onUpdate: () => void) {
    this.#store = store;
    this.#onUpdate = onUpdate;
  }

  /** Why the past cannot be had. */
  get trouble(): string | undefined {
    if (!this.#store.isRecorded) return 'recording is off (--no-history)';
    return this.#trouble;
  }

  /**
   * What a table held at a moment, or at the one asked for before while this one is being asked; undefined when
   * neither is known. `onUpdate` says when it is.
   */
  at(table: string, moment: number): PastMoment | undefined {
    this.#tables.add(table);
    const wholeMs = Math.round(moment * 1000) / 1000;
    const known = this.#known;
    const hasTable = known?.tables.has(table) ?? false;
    const isFailed = this.#trouble !== undefined && performance.now() - this.#askedAtMs > RETRY_FAILED_MS;
    if (known?.moment !== wholeMs || !hasTable || isFailed) this.#want(wholeMs);
    return hasTable ? known?.was : undefined;
  }

  #want(moment: number): void {
    if (this.#wanted === moment && this.#resting !== undefined) return;
    this.#wanted = moment;
    if (this.#asking) return;
    clearTimeout(this.#resting);
    const wait = Math.max(REST_MS, this.#askedAtMs + PAUSE_MS - performance.now());
    this.#resting = setTimeout(() => void this.#ask(), wait);
  }

  async #ask(): Promise<void> {
    this.#resting = undefined;
    const moment = this.#wanted;
    if (this.#asking || moment === undefined || !this.#store.isRecorded) return;
    this.#asking = true;
    this.#askedAtMs = performance.now();
    const tables = new Set(this.#tables);
    try {
      let was: PastMoment = { time: undefined, rows: new Map() };
      for (const { suffix, seconds } of ROLLUPS) {
        const window = Math.max(seconds, this.#store.interval * INTERVALS, SHORTEST_WINDOW);
        const { rows } = await query(momentSql([...tables], suffix, moment - window, moment));
        if (rows.length === 0) continue;
        was = momentOf(rows);
        break;
      }
      this.#known = { moment, tables, was };
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      this.#known = { moment, tables, was: { time: undefined, rows: new Map() } };
    }
    this.#asking = false;
    this.#onUpdate();
    const isMissing = this.#known.was.time === undefined && this.#trouble === undefined;
    if (isMissing && moment > this.#store.now - RECORDING_LAG) {
      this.#resting ??= setTimeout(() => void this.#ask(), RETRY_MS);
    }
  }
}
