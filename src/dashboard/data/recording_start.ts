import { query } from './server.ts';

/** What begins later than rollups do by more than this has been removed in the meantime. */
const ROLLUP_SECONDS = 60;
/** Retention moves it on. */
const ASK_EVERY_MS = 60_000;

const SQL =
  'SELECT (SELECT epoch_us(min(timestamp)) FROM sampling) AS rows, (SELECT epoch_us(min(timestamp)) FROM sampling_1m) AS rollups';

/** The oldest there is in history, in seconds since 1970. */
export interface OldestRecord {
  readonly time: number;
  /** Whether there was more before, which is no longer kept. */
  readonly isRest: boolean;
}

/** Knows since when there is something in history; asked when somebody looks at what was before. */
export class RecordingStart {
  readonly #onUpdate: () => void;
  #oldest: OldestRecord | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(onUpdate: () => void) {
    this.#onUpdate = onUpdate;
  }

  /** Undefined while it is not known; `onUpdate` says when it is. */
  get oldest(): OldestRecord | undefined {
    if (performance.now() - this.#askedAtMs > ASK_EVERY_MS) {
      this.#askedAtMs = performance.now();
      void this.#ask();
    }
    return this.#oldest;
  }

  async #ask(): Promise<void> {
    try {
      const { rows } = await query(SQL);
      const [raw, rollups] = (rows[0] ?? []).map((us) => (typeof us === 'number' ? us / 1e6 : Number.NaN));
      const time = Math.min(...[raw, rollups].filter((one): one is number => Number.isFinite(one)));
      if (!Number.isFinite(time)) return;
      const hasRaw = raw !== undefined && raw - time < ROLLUP_SECONDS;
      this.#oldest = hasRaw ? { time: raw, isRest: false } : { time, isRest: true };
      this.#onUpdate();
    } catch {
      // The charts say themselves that history cannot be asked.
    }
  }
}
