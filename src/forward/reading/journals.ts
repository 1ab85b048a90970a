import { linkSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../../base/errors.ts';
import { JournalTail } from '../../history/journal/journal_tail.ts';
import { makeDirectory, removeFile } from '../../history/segments/files.ts';

/** Where a journal may lie: kept by us, sealed a while ago, or not sealed yet. It moves from the last to the others. */
const FOLDERS = ['forward/journals', 'recent', 'journal'] as const;
const KEPT = FOLDERS[0];
/** More than the clock of a file system is behind. */
const CLOCK_STEP_MS = 100;

/** Start of the run that wrote it, what tells that from others, and its number in the run. */
const NAME = /^\d+-(\d+)\.([0-9a-f]+)-(\d+)\.hzj$/;

/**
 * The journals in a data directory, in the order they were written. Those that were not sent yet are kept by a second
 * name (a hard link) for as long as that is so, whatever history does with its own.
 */
export class Journals {
  readonly #dataDir: string;
  readonly #mostBytes: number;
  readonly #say: (message: string) => void;
  #cannotKeep = false;
  /** The names there are, until a folder changes. */
  #known: { readonly changedMs: readonly number[]; readonly names: readonly string[] } | undefined;
  /** From which one on journals are kept, of those there were. */
  #kept: { readonly first: string | undefined; readonly names: readonly string[] } | undefined;

  /** @param mostBytes beyond that the oldest are given up */
  constructor(dataDir: string, mostBytes: number, say: (message: string) => void) {
    this.#dataDir = dataDir;
    this.#mostBytes = mostBytes;
    this.#say = say;
  }

  /** Their names, the oldest first. */
  names(): readonly string[] {
    const nowMs = Date.now();
    const changedMs = FOLDERS.map((folder) => this.#changedMs(folder));
    const known = this.#known;
    if (known?.changedMs.every((ms, place) => ms === changedMs[place])) return known.names;
    const names = [...new Set(FOLDERS.flatMap((folder) => this.#namesIn(folder)))].sort(byAge);
    // Of what has just changed nobody knows whether it does so again at the same time.
    const isSettled = changedMs.every((ms) => Math.abs(nowMs - ms) > CLOCK_STEP_MS);
    this.#known = isSettled ? { changedMs, names } : undefined;
    return names;
  }

  /** Those that were appended to after a time, in Unix milliseconds. */
  namesSince(unixMs: number): string[] {
    return this.names().filter((name) => (this.#modifiedMs(name) ?? 0) >= unixMs);
  }

  /** Undefined for one that is gone. */
  open(name: string): JournalTail | undefined {
    for (const folder of [...FOLDERS].reverse()) {
      try {
        return new JournalTail(join(this.#dataDir, folder, name));
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw error;
      }
    }
    return undefined;
  }

  /**
   * Keeps the journals from one on, and no others.
   *
   * @param first undefined for none
   * @param isAll whether also the latest, which is still written to, must last
   */
  keep(first: string | undefined, isAll: boolean): void {
    const names = this.names();
    if (!isAll && this.#kept?.first === first && this.#kept?.names === names) return;
    this.#kept = { first, names };
    makeDirectory(join(this.#dataDir, KEPT));
    const wanted = first === undefined ? [] : names.filter((name) => byAge(name, first) >= 0);
    if (!isAll) wanted.pop();
    const kept = new Set(this.#namesIn(KEPT));
    for (const name of kept) if (!wanted.includes(name)) removeFile(join(this.#dataDir, KEPT, name));
    for (const name of wanted) if (!kept.has(name)) this.#keepOne(name);
    this.#forgetOldest();
  }

  #keepOne(name: string): void {
    for (const folder of ['journal', 'recent']) {
      try {
        linkSync(join(this.#dataDir, folder, name), join(this.#dataDir, KEPT, name));
        return;
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') continue;
        if (!this.#cannotKeep)
          this.#say(
            `what is not sent soon cannot be kept in ${join(this.#dataDir, KEPT)} (${String(error)})`,
          );
        this.#cannotKeep = true;
        return;
      }
    }
  }

  #forgetOldest(): void {
    let bytes = 0;
    for (const name of this.#namesIn(KEPT).sort(byAge).reverse()) {
      const path = join(this.#dataDir, KEPT, name);
      bytes += statSync(path).size;
      if (bytes > this.#mostBytes) removeFile(path);
    }
  }

  #changedMs(folder: string): number {
    return statSync(join(this.#dataDir, folder), { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
  }

  #modifiedMs(name: string): number | undefined {
    for (const folder of FOLDERS) {
      const stats = statSync(join(this.#dataDir, folder, name), { throwIfNoEntry: false });
      if (stats !== undefined) return stats.mtimeMs;
    }
    return undefined;
  }

  /** None in a folder that is not there: the data directory may be removed and made anew. */
  #namesIn(folder: string): string[] {
    try {
      return readdirSync(join(this.#dataDir, folder)).filter((name) => NAME.test(name));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

/** Whether two journals are of one run, whose sequence numbers go on from one to the next. */
export function isSameRun(one: string, other: string): boolean {
  return NAME.exec(one)?.slice(1, 3).join() === NAME.exec(other)?.slice(1, 3).join();
}

/** When the run that wrote a journal began, in Unix milliseconds. */
export function runStartMs(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

/** Below zero where the first is the older one. */
export function byAge(one: string, other: string): number {
  const [, startOne = '', runOne = '', numberOne = ''] = NAME.exec(one) ?? [];
  const [, startOther = '', runOther = '', numberOther = ''] = NAME.exec(other) ?? [];
  return (
    Number(startOne) - Number(startOther) ||
    (runOne < runOther ? -1 : Number(runOne > runOther)) ||
    Number(numberOne) - Number(numberOther)
  );
}
