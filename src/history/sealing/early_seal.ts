import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JournalWriter } from '../journal/journal.ts';
import type { SnapshotRows } from '../rows/snapshot_rows.ts';
import type { Segment } from '../segments/manifest.ts';
import type { Sealer } from './sealer.ts';

/** Early seals for queries take at most this share of the writer's time; a query waits for its turn. */
const MOST_SHARE = 0.5;

/** The journal under way as segments, made for a query; not in the manifest, gone when the journal is sealed. */
export class EarlySeal {
  readonly #dataDir: string;
  readonly #sealer: Sealer;
  /** How long all of them took. */
  tookMs = 0;
  #latest: { segments: readonly Segment[]; journalBytes: number; madeMs: number; tookMs: number } | undefined;

  constructor(dataDir: string, sealer: Sealer) {
    this.#dataDir = dataDir;
    this.#sealer = sealer;
  }

  get segments(): readonly Segment[] {
    return this.#latest?.segments ?? [];
  }

  /** Waits until another may be made. */
  async turn(): Promise<void> {
    if (this.#latest === undefined) return;
    const { madeMs, tookMs } = this.#latest;
    await delay(Math.max(0, madeMs + tookMs / MOST_SHARE - performance.now()));
  }

  /** Makes them anew if the journal has grown; returns those that are out of use now. */
  async renew(journal: JournalWriter, snapshots: () => readonly SnapshotRows[]): Promise<readonly Segment[]> {
    const journalBytes = journal.bytes;
    if (journalBytes === this.#latest?.journalBytes) return [];
    const madeMs = performance.now();
    const stem = `p-${basename(journal.path, '.hzj')}-${journalBytes}`;
    const segments = await this.#sealer.seal(this.#dataDir, stem, snapshots());
    const before = this.segments;
    const tookMs = performance.now() - madeMs;
    this.tookMs += tookMs;
    this.#latest = { segments, journalBytes, madeMs, tookMs };
    return before;
  }

  /** The journal is sealed for good; returns the segments that are out of use now. */
  end(): readonly Segment[] {
    const before = this.segments;
    this.#latest = undefined;
    return before;
  }
}
