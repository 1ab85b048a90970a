import { errorCode, errorMessage } from '../../src/base/errors.ts';
import type { Outcome } from '../../src/handover/messages.ts';
import type { Sources } from '../../src/model/snapshot.ts';

/**
 * Reads one part of the kernel. A subclass keeps its files open and its previous counters, and computes its
 * own rates over the time between its own reads.
 *
 * The object that `collect` returns may be the same one each time, changed in place: a caller that wants to keep it
 * copies it (posting it to another thread does).
 */
export abstract class BaseCollector<T = unknown> {
  abstract readonly name: string;
  enabled = true;
  /** How long its thread may block at a time; a collector with a child process must look after it now and then. */
  readonly longestBlockNs: number = Number.POSITIVE_INFINITY;
  /** What the rates of the latest sample cover; undefined where there are no rates. */
  protected elapsedNs: number | undefined;

  /** Where its figures come from, if there is a choice or something to know; another object when that changes. */
  sources: Sources | undefined;

  /** Says in `sources` what is wrong with a field, or with undefined that nothing is; cheap while that stays the same. */
  protected complain(field: string, source: string, message: string | undefined): void {
    if (this.sources?.[field]?.message === message) return;
    const { [field]: _, ...others } = this.sources ?? {};
    this.sources = message === undefined ? others : { ...others, [field]: { source, message } };
  }

  /** One sample, or null when there is nothing to tell yet (a rate needs two readings). Throws when it fails. */
  abstract collect(): T | null;

  /** {@link collect} that never throws: a failure becomes an outcome with a code. */
  safeCollect(): Outcome<T> {
    if (!this.enabled) return { state: 'disabled' };
    try {
      const data = this.collect();
      if (data === null) return { state: 'warming_up' };
      return this.elapsedNs === undefined
        ? { state: 'ok', data }
        : { state: 'ok', data, elapsedNs: this.elapsedNs };
    } catch (error) {
      return { state: 'failed', code: errorCode(error, 'COLLECTOR_FAILED'), message: errorMessage(error) };
    }
  }

  /** Begins whatever a collector keeps running beside its ticks; called again when the interval changes. */
  start(_intervalNs: number): void {}

  /** Whether the thread must keep its event loop running while it waits, because something is being started. */
  get waitsInEventLoop(): boolean {
    return false;
  }

  /** Ends what runs beside the ticks, until `start` is called again. */
  pause(): void {}

  /** Whether something asynchronous is under way, for which the thread yields to its event loop after a tick. */
  needsEventLoop(): boolean {
    return false;
  }

  /** Forgets previous readings, so that no rate is computed over time nobody watched. */
  reset(): void {}

  /** Releases files and processes. May be called twice. */
  close(): void {}
}
