import { TABLE_FACTS } from '../../model/field_at.ts';
import type { LiveStore } from './live_store.ts';
import { query } from './server.ts';

/** One row of a table as it was recorded, by column; columns without a value are left out. */
export type PastRow = Readonly<Record<string, number | string | boolean>>;

/** What tables held at a moment. */
export interface PastMoment {
  /** Seconds since 1970 of the sample shown; undefined when nothing was recorded then. */
  readonly time: number | undefined;
  readonly rows: ReadonlyMap<string, readonly PastRow[]>;
}

/** A pointer that moves asks only when it rests. */
const REST_MS = 150;
/** Time moves on under a pointer that rests: then it is asked again, but not at once. */
const PAUSE_MS = 500;
/** What was taken so lately, in seconds, may not be recorded yet. */
const RECORDING_LAG = 3;
const RETRY_MS = 700;
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
    if (!this.#store.isRecorded) return 'nothing is recorded (--no-history)';
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
    if (known?.moment !== wholeMs || !hasTable) this.#want(wholeMs);
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

/** The latest row of each table within a stretch of time, as JSON: tables have different columns. */
export function momentSql(tables: readonly string[], suffix: string, from: number, to: number): string {
  const parts = tables.map(
    (table) =>
      `(SELECT '${table}' AS source, epoch_us(timestamp) AS t, to_json(r) AS row FROM ${table}${suffix} r` +
      ` WHERE timestamp > ${timestamp(from)} AND timestamp <= ${timestamp(to)}` +
      ' QUALIFY timestamp = max(timestamp) OVER ())',
  );
  return parts.join('\nUNION ALL\n');
}

/** The answer to {@link momentSql}; the columns of rollups get the names of what they are made of. */
export function momentOf(answer: readonly (readonly unknown[])[]): PastMoment {
  const rows = new Map<string, PastRow[]>();
  let latest = 0;
  for (const [source, time, text] of answer) {
    const table = String(source);
    const row = rowOf(table, JSON.parse(String(text)));
    rows.set(table, [...(rows.get(table) ?? []), row]);
    latest = Math.max(latest, Number(time) / 1e6);
  }
  return { time: latest, rows };
}

function rowOf(table: string, given: Readonly<Record<string, unknown>>): PastRow {
  const fields = TABLE_FACTS.get(table)?.fields ?? {};
  const row: Record<string, number | string | boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') continue;
    const [, column = name, side] = /^(.*)_(min|avg|max|last)$/.exec(name) ?? [];
    if (side === undefined || name in fields) row[name] = value;
    // The mean of a counter is no count of anything.
    else if (side === (fields[column]?.kind === 'counter' || typeof value === 'string' ? 'last' : 'avg'))
      row[column] = value;
  }
  return row;
}

/** Upwards to the microsecond: an address knows whole milliseconds, samples do not keep to them. */
function timestamp(seconds: number): string {
  return `make_timestamptz(${Math.round(seconds * 1e6)})`;
}
