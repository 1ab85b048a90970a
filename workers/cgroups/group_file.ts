import { existsSync } from 'node:fs';
import { errorCode, errorMessage } from '../../src/base/errors.ts';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { readText } from '../files/slow_file.ts';
import { type GroupPath, placeIn } from './group_path.ts';

/** Shares of the process's descriptors that may be kept: sockets and segments need theirs. */
const SHARE_AT_TICKS = 1 / 2;
const SHARE_IN_TURN = 1 / 8;
const MOST = 16_384;
/** Where nobody says how many there may be. */
const USUAL_LIMIT = 1_024;

/** A file that is not there is looked for again after this: a controller may be enabled while a group runs. */
const MISSING_FOR_NS = 30 * NS_PER_SECOND;
/** cpu.stat and its like are some hundred bytes; memory.stat is the longest. */
const BUFFER_BYTES = 8 * 1024;

/** Files of groups are read one after another, and each is parsed before the next is read. */
const shared = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/** How many files of groups may stay open; the others are opened for each reading, which costs ten times as much. */
export class Descriptors {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Whether one more file may stay open. */
  take(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  giveBack(): void {
    this.#left++;
  }
}

/** For what is read at every tick, and for what is read in turn, which must not take the former's. */
export function descriptorsOfProcess(): { readonly atTicks: Descriptors; readonly inTurn: Descriptors } {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits') ?? '') ?? [];
  const most = Math.min(MOST, Number(limit ?? USUAL_LIMIT));
  return {
    atTicks: new Descriptors(Math.floor(most * SHARE_AT_TICKS)),
    inTurn: new Descriptors(Math.floor(most * SHARE_IN_TURN)),
  };
}

/** A file of a group, kept open as long as there are descriptors for it. */
export class GroupFile {
  /** Why the latest reading failed, when that is not because there is no such file. */
  trouble: string | undefined;
  length = 0;
  readonly #place: string | Buffer;
  readonly #file: KernelFile;
  readonly #descriptors: Descriptors;
  #isKept = false;
  #missingUntilNs = Number.NEGATIVE_INFINITY;

  constructor(root: string, path: GroupPath, name: string, descriptors: Descriptors) {
    this.#place = placeIn(root, path, name);
    this.#file = new KernelFile(this.#place, { inOnePiece: true, bytes: shared });
    this.#descriptors = descriptors;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Holds the content until another file of a group is read. */
  get bytes(): Buffer {
    return this.#file.bytes;
  }

  exists(): boolean {
    return existsSync(this.#place);
  }

  /**
   * Reads it whole and returns its length.
   *
   * @throws HzstatError SOURCE_MISSING, also when the group is gone, SOURCE_FORBIDDEN or SOURCE_UNREADABLE
   */
  read(): number {
    try {
      this.length = this.#file.read();
    } catch (error) {
      this.#release();
      throw error;
    }
    if (!this.#isKept) {
      this.#isKept = this.#descriptors.take();
      if (!this.#isKept) this.#file.close();
    }
    return this.length;
  }

  /** The same of a file that need not be there, parsed at once; whether that went well. */
  readIfThere(nowNs: number, parse: (path: string, bytes: Buffer, length: number) => void): boolean {
    if (nowNs < this.#missingUntilNs) return false;
    try {
      if (this.#isKept || this.exists()) {
        const length = this.read();
        parse(this.path, this.bytes, length);
        this.trouble = undefined;
        return true;
      }
      this.trouble = undefined;
    } catch (error) {
      const isMissing = errorCode(error, 'SOURCE_UNREADABLE') === 'SOURCE_MISSING';
      this.trouble = isMissing ? undefined : errorMessage(error);
      // What cannot be understood may be, the next time.
      if (!isMissing) return false;
    }
    this.#missingUntilNs = nowNs + MISSING_FOR_NS;
    return false;
  }

  close(): void {
    this.#file.close();
    this.#release();
  }

  #release(): void {
    if (this.#isKept) this.#descriptors.giveBack();
    this.#isKept = false;
  }
}
