import type { ColumnKind } from '../../src/history/tables/schema.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { KIND_OF_FIELD } from './columns.ts';
import type { Random } from './random.ts';

const PAGE_BYTES = 4096;
/** How far a recorded minute's activity is stretched or squeezed when it is played again. */
const SLOWEST = 0.6;
const FASTEST = 1.5;
/** Noise on a single share or rate. */
const JITTER = 0.02;
/** How far a gauge of memory wanders from where it was recorded. */
const WANDERING_BYTES = 256 * 1024 * 1024;

type Holder = Record<string | number, unknown>;

/** One number of a recorded snapshot that is set anew whenever the snapshot is played. */
interface Leaf {
  readonly holder: Holder;
  readonly key: string | number;
  readonly kind: Exclude<ColumnKind, 'text'>;
  readonly recorded: number;
  /** The field this number is a value of, in all snapshots. */
  readonly slot: Slot;
  /** For a counter, what it had grown by since the snapshot before. */
  readonly growth: number;
}

interface Slot {
  readonly percent: boolean;
  readonly bytes: boolean;
  previous: number | undefined;
  /** Whether it ever moved: what stands still in the recording stands still for ever. */
  moves: boolean;
  counter: number;
  offset: number;
}

interface PlayedSnapshot {
  readonly snapshot: Snapshot;
  readonly leaves: readonly Leaf[];
}

/**
 * Plays recorded snapshots again and again without repeating itself: counters go on counting, shares and rates
 * are stretched and jittered, gauges of memory wander. What was zero or stood still stays as it was.
 */
export class Replay {
  readonly #random: Random;
  readonly #scenes: readonly (readonly PlayedSnapshot[])[];
  readonly #slots = new Map<string, Slot>();
  #scene: readonly PlayedSnapshot[] = [];
  #at = 0;
  #activity = 1;
  #sequence = 0;

  /** @param scenes recordings of the same host, such as an idle and a busy minute; at least one snapshot each */
  constructor(scenes: readonly (readonly Snapshot[])[], random: Random) {
    this.#random = random;
    this.#scenes = scenes.map((snapshots) => this.#prepare(snapshots));
    this.cut(0);
  }

  /** Goes on somewhere in another scene, or elsewhere in the same one. */
  cut(scene: number): void {
    this.#scene = this.#scenes[scene] ?? [];
    this.#at = Math.floor(this.#random.next() * this.#scene.length);
    this.#activity = this.#random.between(SLOWEST, FASTEST);
    for (const slot of this.#slots.values()) {
      if (!slot.bytes || !slot.moves) continue;
      slot.offset = Math.round((this.#random.next() * WANDERING_BYTES) / PAGE_BYTES) * PAGE_BYTES;
    }
  }

  /** The next snapshot, valid until the same recorded one is played again. */
  next(timestamp: string): Snapshot {
    const { snapshot, leaves } = this.#scene[this.#at]!;
    this.#at = (this.#at + 1) % this.#scene.length;
    for (const leaf of leaves) leaf.holder[leaf.key] = this.#play(leaf);
    snapshot.timestamp = timestamp;
    snapshot.sequence = this.#sequence;
    snapshot.sampling.tick = this.#sequence++;
    return snapshot;
  }

  #play({ kind, recorded, slot, growth }: Leaf): number {
    if (kind === 'counter') {
      slot.counter += Math.round(growth * this.#activity * this.#jitter());
      return slot.counter;
    }
    if (!slot.moves || recorded === 0) return recorded;
    if (kind === 'count') return recorded + slot.offset;
    const varied = recorded * this.#activity * this.#jitter();
    return slot.percent ? Math.min(100, varied) : varied;
  }

  #jitter(): number {
    return 1 + this.#random.between(-JITTER, JITTER);
  }

  #prepare(recorded: readonly Snapshot[]): PlayedSnapshot[] {
    for (const slot of this.#slots.values()) slot.previous = undefined;
    return recorded.map((original) => {
      const snapshot = structuredClone(original);
      const leaves: Leaf[] = [];
      this.#collect(snapshot, '', leaves);
      return { snapshot, leaves };
    });
  }

  #collect(value: unknown, path: string, leaves: Leaf[]): void {
    if (typeof value !== 'object' || value === null) return;
    const holder = value as Holder;
    for (const [key, child] of Object.entries(holder)) {
      const childPath = `${path}/${key}`;
      if (typeof child === 'number') {
        const name = Array.isArray(value) ? 'usage_percent' : key;
        const kind = KIND_OF_FIELD.get(name);
        if (kind === undefined || kind === 'text' || path === '') continue;
        leaves.push(this.#leaf(holder, key, kind, child, childPath, name));
      } else this.#collect(child, childPath, leaves);
    }
  }

  #leaf(holder: Holder, key: string, kind: Leaf['kind'], recorded: number, path: string, name: string): Leaf {
    let slot = this.#slots.get(path);
    if (slot === undefined) {
      slot = {
        percent: name.endsWith('_percent') || name === 'percent',
        bytes: name.endsWith('_bytes') && kind === 'count',
        previous: recorded,
        moves: false,
        counter: recorded,
        offset: 0,
      };
      this.#slots.set(path, slot);
    }
    slot.moves ||= slot.previous !== undefined && slot.previous !== recorded;
    const growth = Math.max(0, recorded - (slot.previous ?? recorded));
    slot.previous = recorded;
    return { holder, key, kind, recorded, slot, growth };
  }
}
