import { HzstatError } from '../../src/base/errors.ts';
import type { CustomData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import type { Collector } from './collector.ts';
import { firstLine } from './load_module.ts';
import { plainData } from './plain_data.ts';

/** A collector of the user's among our own: whatever it does is an outcome, and never the end of its thread. */
export class CustomCollector extends BaseCollector<CustomData> {
  readonly name: string;
  readonly #collector: Collector;
  /** What went wrong outside `collect`, to be told by the next sample. */
  #failure: HzstatError | undefined;

  constructor(collector: Collector) {
    super();
    this.name = collector.name;
    this.#collector = collector;
  }

  collect(): CustomData | null {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    const data = attempt(() => this.#collector.collect());
    if (data === null) return null;
    if (data instanceof Promise) {
      // Nobody will ever look at it, and a rejection nobody looks at ends a thread.
      data.catch(() => {});
      throw new HzstatError(
        'COLLECTOR_BAD_DATA',
        'collect returned a promise: it must return its data at once, for instance by the synchronous functions of node:fs',
      );
    }
    return plainData(data);
  }

  override get waitsInEventLoop(): boolean {
    return this.#collector.waitsInEventLoop === true;
  }

  override start(intervalNs: number): void {
    this.#try(() => this.#collector.start?.(intervalNs));
  }

  override reset(): void {
    this.#try(() => this.#collector.reset?.());
  }

  override close(): void {
    this.#try(() => this.#collector.close?.());
  }

  #try(action: () => void): void {
    try {
      attempt(action);
    } catch (error) {
      if (error instanceof HzstatError) this.#failure = error;
    }
  }
}

/** Runs code of the user's; whatever it throws comes out as one kind of error of a length one can read. */
function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    throw new HzstatError('COLLECTOR_FAILED', firstLine(error), { cause: error });
  }
}
