import { HzstatError } from '../../base/errors.ts';

/** A few may go on at the same time, some more wait in line for it, and the rest are refused (a bounded semaphore). */
export class Turns {
  readonly #mostAtOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(mostAtOnce: number, mostWaiting: number) {
    this.#mostAtOnce = mostAtOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Waits for a turn; the returned function ends it, once.
   *
   * @throws HzstatError TOO_MANY_QUERIES, QUERY_CANCELLED
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) throw cancelled();
    if (this.#running < this.#mostAtOnce) this.#running++;
    else await this.#wait(signal);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    };
    if (!signal?.aborted) return end;
    end();
    throw cancelled();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new HzstatError('TOO_MANY_QUERIES', 'too many queries wait already; try again later');
    }
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        // Whoever has gone leaves the line at once, and the place to others.
        const place = this.#waiting.indexOf(enter);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        reject(cancelled());
      };
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.push(enter);
      signal?.addEventListener('abort', leave);
    });
  }
}

export function cancelled(): HzstatError {
  return new HzstatError('QUERY_CANCELLED', 'the query was cancelled');
}
