import { log } from '../base/log.ts';

/** What goes well again for less than this, and fails again, has not gone well: a disk that is nearly full. */
const SETTLED_AFTER_MS = 5_000;
/** While trouble lasts, what else it turns out to be is said this seldom. */
const AGAIN_AFTER_MS = 600_000;
const SUBJECT = { subject: 'history' };

/** Says that recording is in trouble, and that it is well again: a line each, however often it fails in between. */
export class TroubleLog {
  #beganMs: number | undefined;
  #saidMs = 0;
  #said = '';
  #lostBefore = 0;
  #lost = 0;
  #settling: NodeJS.Timeout | undefined;

  /**
   * @param message what is wrong; undefined while all is well
   * @param lost snapshots that are gone so far
   */
  hear(message: string | undefined, lost: number): void {
    this.#lost = lost;
    if (message === undefined) {
      if (this.#beganMs === undefined || this.#settling !== undefined) return;
      const wellMs = performance.now();
      this.#settling = setTimeout(() => this.#end(wellMs), SETTLED_AFTER_MS);
      this.#settling.unref();
      return;
    }
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const nowMs = performance.now();
    if (this.#beganMs !== undefined && (message === this.#said || nowMs - this.#saidMs < AGAIN_AFTER_MS))
      return;
    if (this.#beganMs === undefined) this.#lostBefore = lost;
    this.#beganMs ??= nowMs;
    this.#saidMs = nowMs;
    this.#said = message;
    log.error(message, { ...SUBJECT, lost_snapshots: lost });
  }

  /** Says what has been waited with. */
  close(): void {
    if (this.#settling !== undefined) this.#end(performance.now());
  }

  #end(wellMs: number): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    if (this.#beganMs === undefined) return;
    const lastedMs = Math.round(wellMs - this.#beganMs);
    this.#beganMs = undefined;
    const lost = this.#lost - this.#lostBefore;
    const kept =
      lost === 0 ? 'what was recorded meanwhile is kept' : `${lost} snapshots are lost, the others are kept`;
    log.info(`all is well again after ${(lastedMs / 1_000).toFixed(1)} s: ${kept}`, {
      ...SUBJECT,
      lasted_ms: lastedMs,
      lost_snapshots: lost,
    });
  }
}
