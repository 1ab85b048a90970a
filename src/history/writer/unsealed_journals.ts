import { statSync } from 'node:fs';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import type { SealingProcess } from '../sealing/sealing_process.ts';
import type { Store } from '../segments/store.ts';
import type { Troubles } from './troubles.ts';

/** What could not be sealed is not tried again for a query within this time. */
const RETRY_AFTER_MS = 10_000;

/** Journals that wait to be made into segments. One that cannot be, for whatever reason, keeps no other from it. */
export class UnsealedJournals {
  readonly #store: Store;
  readonly #sealing: SealingProcess;
  readonly #troubles: Troubles;
  readonly #say: (message: string) => void;
  readonly #waiting = new Set<string>();
  /** Damaged ones of which a copy is kept already. */
  readonly #copied = new Set<string>();
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store, sealing: SealingProcess, troubles: Troubles, say: (message: string) => void) {
    this.#store = store;
    this.#sealing = sealing;
    this.#troubles = troubles;
    this.#say = say;
  }

  add(journal: string): void {
    this.#waiting.add(journal);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** Those that wait now, and those that come while these are gone through. */
  names(): Iterable<string> {
    return this.#waiting;
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
    if (!this.#waiting.has(journal)) return false;
    const path = this.#store.journalPath(journal);
    if (!isFile(path)) {
      this.#waiting.delete(journal);
      this.#store.setAside(path);
      this.#say(`${path} is no file that could be read, and is left out`);
      return false;
    }
    return this.attempt(() => this.#seal(journal, path));
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

  async #seal(journal: string, path: string): Promise<void> {
    const stem = `m-${journal.replace(/\.hzj$/, '')}`;
    const { segments, damagedBytes } = await this.#sealing.seal({
      dataDir: this.#store.dataDir,
      stem,
      journal: path,
    });
    if (damagedBytes > 0 && !this.#copied.has(journal)) {
      this.#copied.add(journal);
      this.#store.keepCopy(path);
    }
    await this.#store.publishSealed(journal, segments);
    this.#waiting.delete(journal);
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
