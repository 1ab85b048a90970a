import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MS_PER_SECOND } from '../../base/units.ts';

const PIECE_BYTES = 64 * 1024;
/** Whoever waits longer than this says meanwhile that it is well. */
const LONGEST_WAIT_MS = 1_000;

/** Lets bytes pass at a bounded rate (a token bucket that holds one second). */
export class Pacer {
  readonly #bytesPerSecond: number;
  readonly #tell: () => void;
  #dueMs = performance.now();

  /** @param tell is called for every piece, and every second of waiting */
  constructor(bytesPerSecond: number, tell: () => void = () => {}) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#tell = tell;
  }

  /** The content of a file, in pieces. */
  async *read(path: string): AsyncGenerator<Buffer, void, undefined> {
    for await (const piece of createReadStream(path, { highWaterMark: this.#pieceBytes() })) {
      if (!Buffer.isBuffer(piece)) continue;
      await this.#wait(piece.length);
      this.#tell();
      yield piece;
    }
  }

  /** Pieces at a low rate are small, so that they come steadily. */
  #pieceBytes(): number {
    return Math.max(1, Math.min(PIECE_BYTES, Math.floor(this.#bytesPerSecond)));
  }

  async #wait(bytes: number): Promise<void> {
    this.#dueMs = Math.max(this.#dueMs, performance.now() - MS_PER_SECOND);
    for (;;) {
      const leftMs = this.#dueMs - performance.now();
      if (leftMs <= 0) break;
      await delay(Math.min(leftMs, LONGEST_WAIT_MS));
      this.#tell();
    }
    this.#dueMs += (bytes / this.#bytesPerSecond) * MS_PER_SECOND;
  }
}
