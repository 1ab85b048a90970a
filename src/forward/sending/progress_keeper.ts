import { errorMessage } from '../../base/errors.ts';
import type { Cursor, Progress } from './cursor.ts';

/** More often is not worth a wait for the disk: that much more is sent again after a kill. */
const WRITE_EVERY_MS = 10_000;

/** Writes how far a receiver has got, though not each time; what the disk refuses is tried again and said once. */
export class ProgressKeeper {
  readonly #cursor: Cursor;
  readonly #say: (message: string) => void;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #unwritten: Progress | undefined;
  #isFailing = false;

  constructor(cursor: Cursor, say: (message: string) => void) {
    this.#cursor = cursor;
    this.#say = say;
  }

  keep(progress: Progress): void {
    this.#unwritten = progress;
    if (performance.now() - this.#writtenMs >= WRITE_EVERY_MS) this.flush();
  }

  flush(): void {
    if (this.#unwritten === undefined) return;
    this.#writtenMs = performance.now();
    try {
      this.#cursor.write(this.#unwritten);
      this.#unwritten = undefined;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#say(`how far it has got cannot be kept (${errorMessage(error)})`);
      this.#isFailing = true;
    }
  }
}
