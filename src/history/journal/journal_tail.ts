import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { JOURNAL_HEADER_BYTES, mayContinue, RECORD_HEADER_BYTES, Search } from './journal.ts';

const CHUNK_BYTES = 512 * 1024;

/**
 * Follows a journal that may still be appended to, by whatever process, and may be moved or removed meanwhile. For
 * threads that may wait for the disk.
 */
export class JournalTail {
  readonly #fd: number;
  readonly #search = new Search();
  #at = JOURNAL_HEADER_BYTES;
  #chunkBytes = CHUNK_BYTES;

  /** @throws the system's error when the file cannot be opened */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /**
   * The next frames, about half a megabyte at most; none when there are no more for now.
   *
   * @param isEnded nothing will be appended any more, so that what is no record is damage, and is skipped
   */
  read(isEnded: boolean): Uint8Array[] {
    for (;;) {
      const left = fstatSync(this.#fd).size - this.#at;
      const bytes = this.#chunk(left);
      const isLast = bytes.length >= left;
      const frames: Uint8Array[] = [];
      let at = 0;
      while (at + RECORD_HEADER_BYTES <= bytes.length) {
        const frame = this.#search.frameAt(bytes, at);
        if (frame !== undefined) {
          frames.push(frame);
          at += RECORD_HEADER_BYTES + frame.length;
        } else if (mayContinue(bytes, at) && !(isLast && isEnded)) break;
        else at++;
      }
      if (at === 0 && !isLast) {
        // One record is larger than a chunk.
        this.#chunkBytes *= 2;
        continue;
      }
      this.#chunkBytes = CHUNK_BYTES;
      this.#at += at;
      if (frames.length > 0 || at === 0) return frames;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #chunk(left: number): Buffer {
    const wanted = Math.max(0, Math.min(left, this.#chunkBytes));
    const bytes = Buffer.allocUnsafeSlow(wanted);
    return bytes.subarray(0, wanted === 0 ? 0 : readSync(this.#fd, bytes, 0, wanted, this.#at));
  }
}
