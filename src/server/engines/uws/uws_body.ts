import type { HttpResponse } from 'uWebSockets.js';
import type { AnswerBody } from '../../engine/engine.ts';
import { LONGEST_STALL_MS } from '../../engine/limits.ts';

/**
 * Written at once. The library drains what it has buffered only when it is given more, so each piece must be smaller
 * than what the kernel takes when it says that there is room, or the buffer would grow.
 */
const SLICE_BYTES = 16 * 1024;
/** The library cuts who takes nothing for ten seconds, unless something is written meanwhile. */
const WRITE_AGAIN_MS = 5_000;

/** A body in pieces, written to uWebSockets.js only when the client has taken what came before. */
export class UwsBody implements AnswerBody {
  readonly #response: HttpResponse;
  readonly #closes: boolean;
  #isOver = false;
  #stalledSinceMs: number | undefined;

  constructor(response: HttpResponse, closes: boolean) {
    this.#response = response;
    this.#closes = closes;
  }

  /** The client has gone: the response must not be touched any more. */
  aborted(): void {
    this.#isOver = true;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#isOver; at += SLICE_BYTES) {
      if (!this.#writeSlice(chunk.subarray(at, at + SLICE_BYTES))) await this.#room();
    }
  }

  finish(): void {
    this.#isOver = true;
    this.#response.cork(() => this.#response.end(undefined, this.#closes));
  }

  cut(): void {
    this.#isOver = true;
    this.#response.close();
  }

  #writeSlice(slice: Uint8Array): boolean {
    let hasRoom = true;
    this.#response.cork(() => {
      hasRoom = this.#response.write(slice);
    });
    return hasRoom;
  }

  /** Resolves when the kernel has room, or when the next slice must be written all the same. */
  #room(): Promise<void> {
    const nowMs = performance.now();
    this.#stalledSinceMs ??= nowMs;
    if (nowMs - this.#stalledSinceMs > LONGEST_STALL_MS) {
      this.cut();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const again = setTimeout(resolve, WRITE_AGAIN_MS);
      this.#response.onWritable(() => {
        clearTimeout(again);
        this.#stalledSinceMs = undefined;
        // Not before the library is done with this event: it would forget to tell of the next one.
        setImmediate(resolve);
        return true;
      });
    });
  }
}
