import { statSync } from 'node:fs';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { readJournal } from '../journal/journal.ts';
import { snapshotsIn } from '../journal/journal_snapshots.ts';
import type { HeldSnapshots } from '../rows/held_snapshots.ts';
import type { SnapshotRows } from '../rows/snapshot_rows.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Segment } from '../segments/manifest.ts';
import type { Store } from '../segments/store.ts';
import type { Troubles } from './troubles.ts';

/** A journal that has ended and is not in segments yet. */
export interface Unsealed {
  /** What it holds, where that is known without reading it. */
  readonly held?: HeldSnapshots;
  /** Whether it was full before its minute was over. */
  readonly isFull: boolean;
}

/** What could not be sealed is not tried again for a query within this time. */
const RETRY_AFTER_MS = 10_000;

/** Journals that wait to be made into segments. One that cannot be, for whatever reason, keeps no other from it. */
export class UnsealedJournals {
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #troubles: Troubles;
  readonly #say: (message: string) => void;
  readonly #waiting = new Map<string, Unsealed>();
  /** Damaged ones of which a copy is kept already. */
  readonly #copied = new Set<string>();
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store, sealer: Sealer, troubles: Troubles, say: (message: string) => void) {
    this.#store = store;
    this.#sealer = sealer;
    this.#troubles = troubles;
    this.#say = say;
  }

  add(journal: string, how: Unsealed): void {
    this.#waiting.set(journal, how);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** Those that wait now, and those that come while these are gone through. */
  names(): Iterable<string> {
    return this.#waiting.keys();
  }

  /** Whether it did not just fail. */
  get isRipe(): boolean {
    return Date.now() - this.#failedMs > RETRY_AFTER_MS;
  }

  /** There is reason to think that it will go well now. */
  retry(): void {
    this.#failedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Seals a journal if that is possible, and returns whether it did. What is no file is set aside; any other waits for
   * its next turn.
   */
  async seal(journal: string): Promise<boolean> {
    const unsealed = this.#waiting.get(journal);
    if (unsealed === undefined) return false;
    const path = this.#store.journalPath(journal);
    if (unsealed.held?.snapshots === undefined && !isFile(path)) {
      this.#waiting.delete(journal);
      this.#store.setAside(path);
      this.#say(`${path} is no file that could be read, and is left out`);
      return false;
    }
    return this.attempt(() => this.#seal(journal, unsealed));
  }

  /** Does something that may have to wait while the disk is full or fails; returns whether it was done. */
  async attempt(task: () => Promise<void>): Promise<boolean> {
    try {
      await task();
      if (this.#waiting.size === 0) {
        this.retry();
        this.#troubles.clear('segments');
      }
      return true;
    } catch (error) {
      this.#failedMs = Date.now();
      this.#troubles.set(
        'segments',
        `what was recorded cannot be made into segments: ${errorMessage(error)}`,
      );
      return false;
    }
  }

  async #seal(journal: string, { held, isFull }: Unsealed): Promise<void> {
    const stem = `m-${journal.replace(/\.hzj$/, '')}`;
    const snapshots = held?.snapshots ?? this.#read(journal);
    let segments: Segment[];
    try {
      segments = await this.#sealer.seal(this.#store.dataDir, stem, snapshots);
    } finally {
      // Should it have failed, memory must not fill with what is on the disk as well.
      held?.release();
    }
    // A full one is followed by the next in a few seconds.
    if (!isFull) await this.#sealer.rest();
    await this.#store.publishSealed(journal, segments);
    this.#waiting.delete(journal);
  }

  #read(journal: string): readonly SnapshotRows[] {
    const path = this.#store.journalPath(journal);
    const { frames, damagedBytes } = readJournal(path);
    if (damagedBytes > 0 && !this.#copied.has(journal)) {
      this.#copied.add(journal);
      this.#store.keepCopy(path);
    }
    return snapshotsIn(frames);
  }
}

/** Whether there is a file that may be read, now or later. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    return systemErrorCode(error) !== 'ENOENT';
  }
}
