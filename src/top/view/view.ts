import type { Incident } from '../../model/incidents/incident.ts';
import type { CollectorData, CollectorSampling, Snapshot } from '../../model/snapshot.ts';
import type { Glyphs } from '../drawing/glyphs.ts';
import type { Recent, SeriesValues } from '../figures/recent.ts';
import { seriesOf, tickTimeMs } from '../figures/series_of.ts';
import type { Past } from './past.ts';
import type { Item } from './target.ts';

type Name = keyof CollectorData;

/** For so long a late collector's last answer is shown (and marked); after that it is not known any more. */
const LONGEST_HELD_MS = 2_000;

/** One snapshot, with the last answers of collectors that were late for it. */
export class Moment {
  readonly snapshot: Snapshot;
  readonly timeMs: number;
  readonly #answers: ReadonlyMap<string, { data: unknown; timeMs: number }>;
  #series: SeriesValues | undefined;

  constructor(snapshot: Snapshot, before?: Moment) {
    this.snapshot = snapshot;
    this.timeMs = tickTimeMs(snapshot);
    const answers = new Map(before === undefined ? [] : before.#answers);
    for (const [name, { state }] of Object.entries(snapshot.sampling.collectors)) {
      const data = fieldOf(snapshot, name);
      if (data !== undefined) answers.set(name, { data, timeMs: this.timeMs });
      else if (state !== 'late') answers.delete(name);
    }
    this.#answers = answers;
  }

  /** What it adds to the charts. */
  get series(): SeriesValues {
    this.#series ??= seriesOf(this.snapshot);
    return this.#series;
  }

  /** Whether the sampler has this collector at all. */
  has(name: Name): boolean {
    return this.snapshot.sampling.collectors[name] !== undefined;
  }

  /** What a collector delivered, or why there is nothing. */
  part<N extends Name>(name: N): Part<CollectorData[N]>;
  part(name: string): Part<unknown>;
  part(name: string): Part<unknown> {
    const now = fieldOf(this.snapshot, name);
    if (now !== undefined) return { data: now, late: false };
    const answer = this.#answers.get(name);
    if (answer !== undefined && Math.abs(this.timeMs - answer.timeMs) <= LONGEST_HELD_MS) {
      return { data: answer.data, late: true };
    }
    return { missing: reasonOf(this.snapshot.sampling.collectors[name]) };
  }
}

/** What a collector put into a snapshot, also one whose type is not known here. */
function fieldOf(snapshot: Snapshot, name: string): unknown {
  return Object.hasOwn(snapshot, name) ? Reflect.get(snapshot, name) : undefined;
}

/** A collector's data, or the reason why there is none. */
export type Part<T> = { data: T; late: boolean } | { missing: string };

/** Why a collector delivers nothing, in words. */
export function reasonOf(sampling: CollectorSampling | undefined): string {
  switch (sampling?.state) {
    case 'warming_up':
      return 'warming up';
    case 'late':
      return `does not answer (${sampling.missed_ticks} ticks missed)`;
    case 'failed':
      return `failed: ${sampling.message}`;
    case 'disabled':
      return 'switched off';
    default:
      return 'not in this snapshot';
  }
}

/** How the source of the snapshots fares. */
export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; reason: string; retryAtMs: number };

/** Everything a frame of the screen is drawn from. */
export interface View {
  readonly moment: Moment | undefined;
  readonly recent: Recent;
  /** What is known to have happened, the newest first. */
  readonly incidents: readonly Incident[];
  /** What was shown before. */
  readonly past: Past;
  /** How long a column of the charts is. */
  readonly columnMs: number;
  readonly glyphs: Glyphs;
  /** Bars for every core, a strip of all, or what fits. */
  readonly cores: 'bars' | 'strip' | 'fitting';
  /** The only panel shown, or undefined for all. */
  readonly focus: string | undefined;
  /** The only one of what that panel lists, or undefined for all. */
  readonly item: Item | undefined;
  readonly paused: boolean;
  /** How long ago the moment is that somebody has gone back to; undefined when nobody has. */
  readonly agoMs: number | undefined;
  readonly help: boolean;
  readonly link: Link;
  /** Nothing has come for so long, although the connection stands. */
  readonly silentMs: number | undefined;
  /** Where the snapshots come from, such as `myhost http://127.0.0.1:4410`. */
  readonly origin: string;
  /** What was last worth saying, such as that the connection is back. */
  readonly notice: string | undefined;
  readonly nowMs: number;
}
