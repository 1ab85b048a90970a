import type { Incident, IncidentReport } from '../../client/index.ts';
import { type IncidentFrame, serverIncident, serverIncidents } from '../../client/index.ts';
import type { LiveStore } from '../data/live_store.ts';
import { query } from '../data/server.ts';

/** Marks are put by others too. */
const MARKS_EVERY_MS = 30_000;
const MOST_MARKS = 1_000;
const MARKS_SQL =
  'SELECT epoch_us(timestamp), text FROM (FROM mark UNION ALL FROM sampler_event) ' +
  `ORDER BY timestamp DESC LIMIT ${MOST_MARKS}`;
/** Of one that goes on, who does it becomes clearer all the time. */
const REPORT_EVERY_MS = 2_000;

/** Something on the time axis, in seconds since 1970; a note has no width. */
export interface Happening {
  readonly from: number;
  /** Undefined while it goes on. */
  readonly to: number | undefined;
  readonly title: string;
  /** Of an incident. */
  readonly id?: string;
}

/** What happened as far as the server has told: incidents, and the notes of people. */
export class Happenings {
  readonly #store: LiveStore;
  readonly #onUpdate: () => void;
  #incidents: readonly Incident[] = [];
  #marks: readonly Happening[] = [];
  #all: readonly Happening[] | undefined;
  #report: IncidentReport | undefined;
  #reportAtMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(store: LiveStore, onUpdate: () => void) {
    this.#store = store;
    this.#onUpdate = onUpdate;
    setInterval(() => void this.#askMarks(), MARKS_EVERY_MS);
  }

  /** The newest first. */
  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  /** Incidents and marks, in no order. */
  get all(): readonly Happening[] {
    this.#all ??= [
      ...this.#incidents.map(({ id, began, ended, watch, who, message }) => ({
        id,
        from: secondsOf(began),
        to: ended === null ? undefined : secondsOf(ended),
        title: `${watch}: ${who ?? message}`,
      })),
      ...this.#marks,
    ];
    return this.#all;
  }

  /** Asks anew, as after each connection. */
  async refresh(): Promise<void> {
    this.#incidents = await serverIncidents(server(), undefined, {}).catch(() => this.#incidents);
    this.#changed();
    await this.#askMarks();
  }

  /** Takes what the stream says of an incident. */
  take({ id, watch, field, threshold, began, ended, peak, peak_at, message, who }: IncidentFrame): void {
    const told = { id, watch, field, threshold, began, ended, peak, peak_at, message, who };
    const others = this.#incidents.filter((incident) => incident.id !== id);
    this.#incidents = [told, ...others].sort((a, b) => (a.began < b.began ? 1 : -1));
    if (this.#report?.id === id) this.#reportAtMs = Number.NEGATIVE_INFINITY;
    this.#changed();
  }

  /** The evidence of an incident; undefined until it has been asked for. */
  reportOf(id: string): IncidentReport | undefined {
    const known = this.#report?.id === id ? this.#report : undefined;
    const isOver = known !== undefined && known.ended !== null;
    const isDue = performance.now() - this.#reportAtMs > REPORT_EVERY_MS;
    const isStale = known === undefined || !isOver || this.#reportAtMs === Number.NEGATIVE_INFINITY;
    if (isStale && isDue && !this.#isAsking) void this.#askReport(id);
    return known;
  }

  async #askReport(id: string): Promise<void> {
    this.#isAsking = true;
    try {
      this.#report = await serverIncident(server(), id, {});
      this.#onUpdate();
    } catch {
      // It is no longer listed, or the connection is lost: the list says what is known.
    } finally {
      this.#reportAtMs = performance.now();
      this.#isAsking = false;
    }
  }

  async #askMarks(): Promise<void> {
    if (!this.#store.isRecorded || document.hidden) return;
    try {
      const { rows } = await query(MARKS_SQL);
      this.#marks = rows.flatMap(([us, text]) =>
        typeof us === 'number' ? [{ from: us / 1e6, to: us / 1e6, title: String(text) }] : [],
      );
      this.#changed();
    } catch {
      // The charts say themselves that history cannot be asked.
    }
  }

  #changed(): void {
    this.#all = undefined;
    this.#onUpdate();
  }
}

export function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}

function server(): URL {
  return new URL(location.origin);
}
