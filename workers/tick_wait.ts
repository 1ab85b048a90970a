import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import { monotonicNs } from '../src/shared/clock.ts';
import type { ToCollector } from '../src/shared/messages.ts';
import { NS_PER_MS } from '../src/shared/units.ts';

/** Timers cannot be set for longer (2^31 ms); a longer wait is taken in pieces. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** How a collector's thread waits for points on the monotonic clock and hears from main meanwhile. */
export interface TickWait {
  /** Waits until the time has come, or less when a message arrives. */
  until(deadlineNs: number): void | Promise<void>;
  /** The next message from main, if there is one. */
  receive(): ToCollector | undefined;
  close(): void;
}

/**
 * For threads that only read files: blocks in Atomics.wait, which is accurate to tens of microseconds and costs
 * one futex. Main bumps the control cell after it has posted a message, which ends the wait.
 */
export class BlockingWait implements TickWait {
  readonly #control: Int32Array;
  readonly #port: MessagePort;
  #seen = 0;

  constructor(control: SharedArrayBuffer, port: MessagePort) {
    this.#control = new Int32Array(control);
    this.#port = port;
  }

  until(deadlineNs: number): void {
    const leftMs = (deadlineNs - monotonicNs()) / NS_PER_MS;
    if (leftMs > 0) Atomics.wait(this.#control, 0, this.#seen, leftMs);
  }

  receive(): ToCollector | undefined {
    const posted = Atomics.load(this.#control, 0);
    if (posted === this.#seen) return undefined;
    const received: { message: ToCollector } | undefined = receiveMessageOnPort(this.#port);
    // The cell is only believed once the port is empty: a message posted in between bumps it again.
    if (received === undefined) this.#seen = posted;
    return received?.message;
  }

  close(): void {}
}

/** For threads that must hear a child process: waits in the event loop, accurate to a millisecond. */
export class EventLoopWait implements TickWait {
  readonly #port: MessagePort;
  readonly #inbox: ToCollector[] = [];
  #wake: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: ToCollector) => {
      this.#inbox.push(message);
      this.#wake?.();
    });
  }

  until(deadlineNs: number): void | Promise<void> {
    const leftMs = (deadlineNs - monotonicNs()) / NS_PER_MS;
    if (this.#inbox.length > 0) return;
    return new Promise((resolve) => {
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
    return this.#inbox.shift();
  }

  close(): void {
    this.#port.removeAllListeners('message');
    this.#wake?.();
  }
}
