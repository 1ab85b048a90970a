import { type ErrorCode, errorMessage, HzstatError } from '../base/errors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { decodeValue } from '../wire/packing/codec.ts';
import type {
  Frame,
  GapFrame,
  HelloFrame,
  IncidentFrame,
  SubscribedFrame,
  SubscribeMessage,
} from '../wire/protocol/frames.ts';
import { RecordsDecoder } from '../wire/records/records_decoder.ts';
import { Backoff } from './backoff.ts';
import { baseUrl, DEFAULT_URL, type Start, type Subscription, streamUrl } from './endpoint.ts';
import { postQuery, type QueryResult } from './query.ts';
import type { ClientTls } from './tls.ts';
import { unreachable } from './unreachable.ts';
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
  'SERVER_UNTRUSTED',
]);

export interface ConnectOptions extends Subscription {
  /** History first: how far back, such as `5m`, a time (ISO 8601), or the last sequence number seen. */
  since?: string | number;
  /** The server's address; default `http://127.0.0.1:4410`. */
  url?: string;
  /** What `hzstat serve --token` was given. */
  token?: string;
  /** In Node: certificates for a server with an authority of its own, or one that asks for the client's. */
  tls?: ClientTls;
  /** Whether to connect again after the connection was lost, and go on where it was; default true. */
  reconnect?: boolean;
  /** Called with every hello: at first, and after each reconnection. */
  onHello?: (hello: HelloFrame) => void;
  /** Called with the number of snapshots that were not delivered, here or by the server. */
  onDropped?: (count: number) => void;
  /** Called when what came before the next snapshot is not kept any more. */
  onGap?: (gap: GapFrame) => void;
  /** Called when something that is watched for has begun, or is over. */
  onIncident?: (incident: IncidentFrame) => void;
  /** Called when the server could not do what it was asked for on the open connection. */
  onError?: (error: HzstatError) => void;
  /** Called when the connection was lost, with the reason and the time until the next attempt. */
  onDisconnect?: (reason: string, retryMs: number) => void;
}

/** The last snapshot received, by which the next connection goes on. */
interface Seen {
  readonly run: string;
  readonly sequence: number;
  readonly timestamp: string;
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
  #subscription: Subscription;
  #seen: Seen | undefined;
  #records = new RecordsDecoder();
  /** Who waits for the server's answer to `subscribe`. */
  readonly #asked: { resolve: (answer: SubscribedFrame) => void; reject: (error: HzstatError) => void }[] =
    [];
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
    this.#subscription = subscriptionOf(options);
    this.#base = baseUrl(options.url ?? DEFAULT_URL);
  }

  /** What the server said first: its version, its host, its interval and collectors. */
  get hello(): HelloFrame | undefined {
    return this.#hello;
  }

  /**
   * Asks for something else from now on, on the same connection; what is left out is the default again.
   *
   * @throws HzstatError BAD_REQUEST, after which the stream goes on as it was; SERVER_UNREACHABLE
   */
  subscribe(subscription: Subscription & Pick<Start, 'since'>): Promise<SubscribedFrame> {
    const { interval = null, collectors, format = null, aggregate = null, since = null } = subscription;
    const message: SubscribeMessage = {
      type: 'subscribe',
      interval,
      collectors: collectors === undefined ? null : [...collectors],
      format,
      aggregate,
      since,
    };
    return new Promise((resolve, reject) => {
      if (this.#socket === undefined) {
        reject(unreachable(this.#base, 'the connection is being made again'));
        return;
      }
      this.#asked.push({
        resolve: (answer) => {
          this.#subscription = subscriptionOf(subscription);
          resolve(answer);
        },
        reject,
      });
      this.#socket.send(JSON.stringify(message));
    });
  }

  /**
   * Asks the server's history in SQL.
   *
   * @throws HzstatError QUERY_* and SERVER_UNREACHABLE
   */
  async query(sql: string): Promise<QueryResult> {
    return JSON.parse(await postQuery(this.#base, sql, this.#options));
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
    const url = streamUrl(this.#base, { ...this.#subscription, ...this.#start() });
    this.#records = new RecordsDecoder();
    const socket = await openSocket(url, this.#options.token, this.#options.tls);
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      let greeted = false;
      let trouble = 'the connection was closed';
      let refusal: HzstatError | undefined;
      let failure: unknown;
      socket.onmessage = ({ data }) => {
        const frame = this.#decode(data);
        if (frame?.type === 'hello') {
          greeted = true;
          this.#backoff.reset();
          resolve();
        }
        if (frame !== undefined) this.#receive(frame);
      };
      socket.onerror = (event) => {
        refusal ??= refusalIn(event);
        failure ??= errorIn(event);
        trouble = messageOf(event) ?? trouble;
      };
      socket.onclose = ({ code, reason }) => {
        const why = reason || (code === 1006 ? trouble : `${trouble} (${code})`);
        if (greeted) this.#lost(why);
        else reject(refusal ?? unreachable(this.#base, failure ?? why));
      };
    });
  }

  /** At first where the caller wants to begin, later behind what was received. */
  #start(): Start {
    if (this.#seen === undefined) {
      const { since } = this.#options;
      return since === undefined ? {} : { since };
    }
    const { run, sequence, timestamp } = this.#seen;
    return { since: sequence, run, after: timestamp };
  }

  #decode(data: unknown): Frame | undefined {
    if (!(data instanceof ArrayBuffer)) return undefined;
    const value = decodeValue(new Uint8Array(data));
    // A hzstat server sends frames, and records whose layout it sent before.
    return (Array.isArray(value) ? this.#records.decode(value) : value) as Frame | undefined;
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'hello':
        this.#hello = frame;
        this.#options.onHello?.(frame);
        break;
      case 'snapshot': {
        const { sequence, timestamp } = frame;
        this.#seen = { run: this.#hello?.run ?? '', sequence, timestamp };
        this.#waiting.push(frame);
        if (this.#waiting.length > MOST_WAITING) {
          this.#waiting.shift();
          this.#options.onDropped?.(1);
        }
        this.#wake?.();
        break;
      }
      case 'dropped':
        this.#options.onDropped?.(frame.count);
        break;
      case 'layout':
        this.#records.learn(frame);
        break;
      case 'incident':
        this.#options.onIncident?.(frame);
        break;
      case 'gap':
        this.#options.onGap?.(frame);
        break;
      case 'subscribed':
        this.#asked.shift()?.resolve(frame);
        break;
      case 'error': {
        const error = new HzstatError(frame.error.code, frame.error.message);
        this.#options.onError?.(error);
        this.#asked.shift()?.reject(error);
        break;
      }
    }
  }

  #lost(why: string): void {
    this.#socket = undefined;
    for (const { reject } of this.#asked.splice(0)) reject(unreachable(this.#base, why));
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

function subscriptionOf({ interval, collectors, aggregate, format }: Subscription): Subscription {
  return {
    ...(interval !== undefined && { interval }),
    ...(collectors !== undefined && { collectors }),
    ...(aggregate !== undefined && { aggregate }),
    ...(format !== undefined && { format }),
  };
}

/** The server's own error, where it said why it would not open a stream. */
function refusalIn(event: unknown): HzstatError | undefined {
  const error = errorIn(event);
  return error instanceof HzstatError ? error : undefined;
}

/** What failed, where the event says. */
function errorIn(event: unknown): Error | undefined {
  if (typeof event !== 'object' || event === null || !('error' in event)) return undefined;
  return event.error instanceof Error ? event.error : undefined;
}

function messageOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('message' in event)) return undefined;
  return typeof event.message === 'string' ? event.message : undefined;
}
