import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { monotonicNs } from '../src/base/clock.ts';
import { NS_PER_MS } from '../src/base/units.ts';
import type { ToCollector } from '../src/handover/messages.ts';

/** Timers cannot be set for longer (2^31 ms); a longer wait is taken in pieces. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** How a collector's thread waits for points on the monotonic clock and hears from main meanwhile. */
export interface TickWait {
  /**
   * Blocks the thread until the time has come, or less when main posts a message or the longest time to block
   * has passed. Accurate to tens of microseconds at the cost of one futex.
   *
   * @param nowNs a reading of the clock from a moment ago
   */
  block(deadlineNs: number, longestNs: number, nowNs: number): void;
  /** The same with the event loop running meanwhile; accurate to a millisecond. */
  sleep(deadlineNs: number): Promise<void>;
  /** The next message from main, if there is one. */
  receive(): ToCollector | undefined;
}

/** Waits on a cell that main bumps after it has posted a message to the port. */
export class PortWait implements TickWait {
  readonly #control: Int32Array;
  readonly #port: MessagePort;
  readonly #inbox: ToCollector[] = [];
  #seen = 0;
  #listens = false;
  #wake: (() => void) | undefined;

  constructor(control: SharedArrayBuffer, port: MessagePort) {
    this.#control = new Int32Array(control);
    this.#port = port;
  }

  block(deadlineNs: number, longestNs: number, nowNs: number): void {
    const leftMs = Math.min(deadlineNs - nowNs, longestNs) / NS_PER_MS;
    if (leftMs > 0) Atomics.wait(this.#control, 0, this.#seen, leftMs);
  }

  sleep(deadlineNs: number): Promise<void> {
    this.#listen();
    const leftMs = (deadlineNs - monotonicNs()) / NS_PER_MS;
    return new Promise((resolve) => {
      if (this.#inbox.length > 0) {
        resolve();
        return;
      }
      // A time that has come still takes one turn of the loop, or a thread that is always late would go deaf.
      const timer =
        leftMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(() => this.#wake?.(), Math.min(Math.max(0, Math.ceil(leftMs)), LONGEST_TIMER_MS));
      this.#wake = () => {
        this.#wake = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  receive(): ToCollector | undefined {
    const heard = this.#inbox.shift();
    if (heard !== undefined) return heard;
    const posted = Atomics.load(this.#control, 0);
    if (posted === this.#seen) return undefined;
    const received: { message: ToCollector } | undefined = receiveMessageOnPort(this.#port);
    // The cell is only believed once the port is empty: a message posted in between bumps it again.
    if (received === undefined) this.#seen = posted;
    return received?.message;
  }

  /** A thread that never sleeps in the event loop needs no listener, which would cost it a wake-up a message. */
  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    this.#port.on('message', (message: ToCollector) => {
      this.#inbox.push(message);
      this.#wake?.();
    });
  }
}
