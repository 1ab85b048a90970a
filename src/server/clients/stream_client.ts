import { CLOSE_CODES } from '../../wire/protocol/close_codes.ts';
import type { Frame } from '../../wire/protocol/frames.ts';
import { ToldLayouts } from '../../wire/records/told_layouts.ts';
import type { EngineSocket } from '../engine/engine.ts';
import type { StreamFormat } from '../subscriptions/subscription.ts';
import { type EncodedFrame, encode } from './encoded_frame.ts';

/** Unsent bytes a client may have before further frames are dropped (back-pressure). */
const MOST_BUFFERED_BYTES = 128 * 1024;
/** How long it may stay behind before it is let go. */
const LONGEST_LAG_MS = 30_000;
/** Unsent bytes up to which a client that catches up is sent more. */
const LOW_WATER_BYTES = 64 * 1024;

/**
 * One connection. Frames it cannot take in time are dropped, not queued: of what piles up only the latest
 * frame is kept (conflation), and the client is told how many were dropped.
 */
export class StreamClient {
  /** May change while the connection lives. */
  format: StreamFormat;
  readonly #socket: EngineSocket;
  #told = new ToldLayouts();
  #open = true;
  #dropped = 0;
  #latest: EncodedFrame | undefined;
  #behindSinceMs: number | undefined;
  /** Who waits until the socket has taken most of what was buffered. */
  #waiting:
    | {
        readonly ready: Promise<boolean>;
        readonly resume: (goOn: boolean) => void;
        readonly impatience: NodeJS.Timeout;
      }
    | undefined;

  constructor(socket: EngineSocket, format: StreamFormat) {
    this.#socket = socket;
    this.format = format;
  }

  /** Sends a frame that is no snapshot. Clients wait for answers, so these are never dropped. */
  tell(frame: Frame): void {
    if (!this.#open) return;
    this.#write(encode(frame, this.format));
    if (this.#isFull()) this.#fallBehind();
  }

  /**
   * Sends snapshots in one go, or remembers the latest of them for a client that is behind.
   *
   * @param spared how many the server dropped before these for want of time
   */
  send(frames: readonly EncodedFrame[], spared = 0): void {
    if (!this.#open || frames.length === 0) return;
    if (this.#behindSinceMs !== undefined || this.#isFull()) {
      this.#dropped += spared;
      this.#spare(frames);
      return;
    }
    if (frames.length === 1 && spared === 0) this.#write(frames[0]!);
    else {
      this.#socket.cork(() => {
        if (spared > 0)
          this.#write(
            encode({ type: 'dropped', count: spared, code: 'TOO_MANY_SUBSCRIPTIONS' }, this.format),
          );
        for (const frame of frames) this.#write(frame);
      });
    }
  }

  /**
   * Another topic will make its frames: with numbers of its own for layouts, and nothing of the one before shall
   * come after it.
   */
  startOver(): void {
    this.#told = new ToldLayouts();
    this.#latest = undefined;
    // Whoever was catching up for the topic before waits for nothing any more.
    this.#waiting?.resume(false);
  }

  get isClosed(): boolean {
    return !this.#open;
  }

  /**
   * Resolves when the client has taken most of what it was sent, and nothing is being kept from it: with false when
   * it is gone, never reads, or wants something else by now.
   */
  canTakeMore(): Promise<boolean> {
    if (!this.#open) return Promise.resolve(false);
    if (this.isReady) return Promise.resolve(true);
    if (this.#waiting !== undefined) return this.#waiting.ready;
    let resume: (goOn: boolean) => void = () => {};
    const ready = new Promise<boolean>((resolve) => {
      resume = (goOn) => {
        clearTimeout(this.#waiting?.impatience);
        this.#waiting = undefined;
        resolve(goOn);
      };
    });
    const impatience = setTimeout(() => this.#endAsTooSlow(), LONGEST_LAG_MS);
    this.#waiting = { ready, resume, impatience };
    return ready;
  }

  /** The socket has taken something of what was buffered. */
  drained(): void {
    if (!this.#open) return;
    // It reads, however slowly.
    this.#waiting?.impatience.refresh();
    if (this.#behindSinceMs !== undefined) {
      this.#behindSinceMs = performance.now();
      if (this.#socket.bufferedBytes === 0) this.#catchUp();
    }
    if (this.isReady) this.#waiting?.resume(true);
  }

  /** Ends the connection, saying why. */
  end(code: number, reason: string): void {
    if (this.#open) this.#socket.end(code, reason);
  }

  /** The socket is gone and must not be touched again. */
  closed(): void {
    this.#open = false;
    this.#latest = undefined;
    this.#waiting?.resume(false);
  }

  /** The client has drained its buffer: it learns how many frames were dropped, and gets the latest of them. */
  #catchUp(): void {
    this.#behindSinceMs = undefined;
    const latest = this.#latest;
    this.#latest = undefined;
    const count = this.#dropped - (latest === undefined ? 0 : 1);
    this.#dropped = 0;
    this.#socket.cork(() => {
      if (count > 0) this.#write(encode({ type: 'dropped', count }, this.format));
      if (latest !== undefined) this.#write(latest);
    });
  }

  /** Whether the client has taken most of what it was sent, and nothing is being kept from it. */
  get isReady(): boolean {
    return this.#behindSinceMs === undefined && this.#socket.bufferedBytes <= LOW_WATER_BYTES;
  }

  #isFull(): boolean {
    return this.#socket.bufferedBytes > MOST_BUFFERED_BYTES;
  }

  #spare(frames: readonly EncodedFrame[]): void {
    this.#dropped += frames.length;
    this.#latest = frames.at(-1);
    this.#fallBehind();
  }

  #fallBehind(): void {
    const nowMs = performance.now();
    this.#behindSinceMs ??= nowMs;
    if (nowMs - this.#behindSinceMs > LONGEST_LAG_MS) this.#endAsTooSlow();
  }

  #endAsTooSlow(): void {
    this.end(CLOSE_CODES.tooSlow, `nothing was read for ${LONGEST_LAG_MS / 1000} s`);
  }

  #write(frame: EncodedFrame): void {
    if (typeof frame === 'string' || frame instanceof Uint8Array) this.#socket.send(frame);
    else {
      if (this.#told.isNews(frame.layout)) this.#socket.send(frame.layout);
      this.#socket.send(frame.record);
    }
  }
}
