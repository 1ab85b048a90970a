import { type ErrorCode, errorMessage, HzstatError } from '../shared/errors.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { decodeFrame } from '../wire/codec.ts';
import type { Frame, HelloFrame } from '../wire/frames.ts';
import { Backoff } from './backoff.ts';
import { baseUrl, DEFAULT_URL, type Subscription, streamUrl } from './endpoint.ts';
import { openSocket, type Socket } from './web_socket.ts';

/** Snapshots that wait for a consumer slower than the stream; older ones are let go and counted. */
const MOST_WAITING = 10_000;
const NORMAL_CLOSE = 1000;
/** What was asked for is wrong or forbidden: asking again does not help. */
const FINAL_REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
]);

export interface ConnectOptions extends Subscription {
  /** The server's address; default `http://127.0.0.1:4410`. */
  url?: string;
  /** What `hzstat serve --token` was given. */
  token?: string;
  /** Whether to connect again after the connection was lost; default true. */
  reconnect?: boolean;
  /** Called with every hello: at first, and after each reconnection. */
  onHello?: (hello: HelloFrame) => void;
  /** Called with the number of snapshots that were not delivered, here or by the server. */
  onDropped?: (count: number) => void;
  /** Called when the connection was lost, with the reason and the time until the next attempt. */
  onDisconnect?: (reason: string, retryMs: number) => void;
}

/** A live stream of snapshots: `for await (const snapshot of client)`. */
export class HzstatClient implements AsyncIterable<Snapshot> {
  readonly #options: ConnectOptions;
  readonly #base: URL;
  readonly #backoff = new Backoff();
  readonly #waiting: Snapshot[] = [];
  #socket: Socket | undefined;
  #closed = false;
  #failure: unknown;
  #hello: HelloFrame | undefined;
  #wake: (() => void) | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /**
   * Connects and waits for the server's hello.
   *
   * @throws HzstatError SERVER_UNREACHABLE, BAD_REQUEST when the address is none, or the server's own refusal
   */
  static async connect(options: ConnectOptions = {}): Promise<HzstatClient> {
    const client = new HzstatClient(options);
    await client.#open();
    return client;
  }

  private constructor(options: ConnectOptions) {
    this.#options = options;
    this.#base = baseUrl(options.url ?? DEFAULT_URL);
  }

  /** What the server said first: its version, its host, its interval and collectors. */
  get hello(): HelloFrame | undefined {
    return this.#hello;
  }

  /** Ends the stream; iterations end with it. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close(NORMAL_CLOSE);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot, void, undefined> {
    for (;;) {
      const snapshot = this.#waiting.shift();
      if (snapshot !== undefined) {
        yield snapshot;
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Opens a socket; resolves with the hello, rejects when there is none. */
  async #open(): Promise<void> {
    const url = streamUrl(this.#base, this.#options);
    const socket = await openSocket(url, this.#options.token);
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      let greeted = false;
      let trouble = 'the connection was closed';
      let refusal: HzstatError | undefined;
      socket.onmessage = ({ data }) => {
        const frame = decode(data);
        if (frame?.type === 'hello') {
          greeted = true;
          this.#backoff.reset();
          resolve();
        }
        if (frame !== undefined) this.#receive(frame);
      };
      socket.onerror = (event) => {
        refusal ??= refusalIn(event);
        trouble = messageOf(event) ?? trouble;
      };
      socket.onclose = ({ code, reason }) => {
        const why = reason || (code === 1006 ? trouble : `${trouble} (${code})`);
        if (greeted) this.#lost(why);
        else reject(refusal ?? unreachable(this.#base, why));
      };
    });
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'hello':
        this.#hello = frame;
        this.#options.onHello?.(frame);
        break;
      case 'snapshot':
        this.#waiting.push(frame);
        if (this.#waiting.length > MOST_WAITING) {
          this.#waiting.shift();
          this.#options.onDropped?.(1);
        }
        this.#wake?.();
        break;
      case 'dropped':
        this.#options.onDropped?.(frame.count);
        break;
      case 'error':
        break;
    }
  }

  #lost(why: string): void {
    this.#socket = undefined;
    if (this.#closed) return;
    if (this.#options.reconnect === false) {
      this.#fail(unreachable(this.#base, why));
      return;
    }
    const retryMs = this.#backoff.next();
    this.#options.onDisconnect?.(why, retryMs);
    this.#retry = setTimeout(() => {
      this.#open().catch((error: unknown) => {
        if (error instanceof HzstatError && FINAL_REFUSALS.has(error.code)) this.#fail(error);
        else this.#lost(errorMessage(error));
      });
    }, retryMs);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#wake?.();
  }
}

function decode(data: unknown): Frame | undefined {
  return data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data)) : undefined;
}

function unreachable(base: URL, why: string): HzstatError {
  return new HzstatError(
    'SERVER_UNREACHABLE',
    `no hzstat answers at ${base.origin} (${why}); "hzstat serve" starts one`,
  );
}

/** The server's own error, where it said why it would not open a stream. */
function refusalIn(event: unknown): HzstatError | undefined {
  if (typeof event !== 'object' || event === null || !('error' in event)) return undefined;
  return event.error instanceof HzstatError ? event.error : undefined;
}

function messageOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('message' in event)) return undefined;
  return typeof event.message === 'string' ? event.message : undefined;
}
