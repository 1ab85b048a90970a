import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MachineCopy } from './machine.ts';

const EVERY_MS = 20;
const WRITES_PER_MS = 0.5;
const LATENCY_MS = 2;
/** Numbers of one width, so that a line is written over in place and never seen half. */
const WIDTH = 12;

/** A fixture machine whose disk writes all the time, and takes as long for it as a test likes. */
export class MovingDisk {
  readonly #machine = new MachineCopy('small-vm');
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;
  #movedMs = performance.now();
  #writes = 1_000;
  #writeMs = 2_000;
  #slowMoves = 0;
  #slowMs = LATENCY_MS;
  /** When writes were slow, by the clock: a busy machine moves the disk when it can. */
  readonly slow = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };

  constructor() {
    const path = join(this.#machine.rootfs, 'proc/diskstats');
    truncateSync(path);
    this.#fd = openSync(path, 'r+');
    this.#move();
    this.#timer = setInterval(() => this.#move(), EVERY_MS);
  }

  get rootfs(): string {
    return this.#machine.rootfs;
  }

  /** Every write takes this long for a while. */
  slowDown(latencyMs: number, forMs: number): void {
    this.#slowMs = latencyMs;
    this.#slowMoves = Math.ceil(forMs / EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
    this.#machine.dispose();
  }

  #move(): void {
    const nowMs = performance.now();
    const writes = Math.round((nowMs - this.#movedMs) * WRITES_PER_MS);
    this.#movedMs = nowMs;
    const isSlow = this.#slowMoves-- > 0;
    if (isSlow) {
      this.slow.fromMs = Math.min(this.slow.fromMs, Date.now());
      this.slow.toMs = Date.now();
    }
    this.#writes += writes;
    this.#writeMs += writes * (isSlow ? this.#slowMs : LATENCY_MS);
    const field = (value: number): string => String(value).padStart(WIDTH);
    const written = [this.#writes, 0, this.#writes * 8, this.#writeMs].map(field).join(' ');
    const line = ` 254       0 vda 61742 1211 2906182 50331 ${written} 0 ${field(Math.floor(nowMs))} ${field(Math.floor(nowMs))}\n`;
    writeSync(this.#fd, line, 0);
  }
}
