import type { TlsFiles } from './tls_files.ts';

/** What a web engine is called in `--engine`, in `/health` and in messages. */
export const ENGINE_NAMES = ['uws', 'node'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What an engine is made of, for people. */
export const ENGINE_TITLES: Readonly<Record<EngineName, string>> = {
  uws: 'uWebSockets.js',
  node: 'ws and node:http',
};

/** Names and values of headers. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** Where to listen: on a port of an address, or on a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * What speaks HTTP and WebSocket below hzstat's own routes. Two engines implement it, and one contract suite holds
 * both to the same behaviour.
 */
export interface Engine {
  readonly name: EngineName;
  /**
   * Listens on an address that nobody else listens on.
   *
   * @throws HzstatError PORT_UNAVAILABLE, TLS_UNUSABLE
   */
  listen(at: Address, handlers: ServerHandlers, options: ListenOptions): Promise<Listener>;
}

export interface ListenOptions {
  readonly tls: TlsFiles | undefined;
  /** A stream whose client neither says anything nor answers pings for so long is cut; at least 8 s. */
  readonly idleTimeoutS: number;
  /** A message larger than this is not read: the connection is cut without a close code. */
  readonly mostMessageBytes: number;
}

/** Something that listens until it is closed. */
export interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Stops listening, lets what was written go out for a moment, and cuts what is left. */
  close(): Promise<void>;
}

/** What an engine calls for what comes in. */
export interface ServerHandlers {
  /** A connection came; false when it is to be cut at once. */
  connected(address: string): boolean;
  /** A connection ended, also one that was cut. */
  disconnected(): void;
  /** A request that is no WebSocket handshake for `/stream`. */
  request(exchange: Exchange): void;
  /** A WebSocket handshake for `/stream`; answered as a request when it is not accepted. */
  upgrade(upgrade: Upgrade): void;
}

/** Status and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  /** Whether the connection ends behind the answer. */
  readonly closes: boolean;
}

/**
 * One request and its answer. What it says of the request, and registering handlers, is for the call it is handed
 * over in; answering may come later, but not once it was aborted.
 */
export interface Exchange {
  /** In upper case. */
  readonly method: string;
  /** Of HTTP, such as `1.1`. */
  readonly version: string;
  readonly path: string;
  readonly query: string;
  /** The client's IP address; empty on a Unix socket. */
  readonly address: string;
  /** Every header in the order it came, its name in lower case. */
  forEachHeader(visit: (name: string, value: string) => void): void;
  /** The client went away, or was cut, before it had its answer. */
  onAborted(handler: () => void): void;
  /** The body in pieces, each of which may be read during the call only. */
  onBody(handler: (chunk: Uint8Array, isLast: boolean) => void): void;
  /** Answers at once; a HEAD request gets the headers without the body. */
  respond(head: AnswerHead, body: string | Uint8Array): void;
  /** Begins an answer of unknown length. */
  begin(head: AnswerHead): AnswerBody;
}

/** The body of an answer that is written piece by piece. */
export interface AnswerBody {
  /** Resolves when there is room for more; after the exchange was aborted perhaps never. */
  write(chunk: Uint8Array): Promise<void>;
  finish(): void;
  /** Ends the connection in a way that tells the client the body is not complete. */
  cut(): void;
}

/** A handshake, to be accepted or answered like any other request. */
export interface Upgrade extends Exchange {
  /**
   * @param protocol the subprotocol agreed on; empty for none
   * @param open makes what hears of the socket from now on
   */
  accept(protocol: string, open: (socket: EngineSocket) => SocketListener): void;
}

/** A WebSocket as the server writes to it. */
export interface EngineSocket {
  /** Queues a message without bound: the bound is the caller's. */
  send(message: Uint8Array | string): void;
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** What is sent within goes out in one piece. */
  cork(write: () => void): void;
  /** Sends a close frame behind everything sent so far; the listener's `closed` is called at once. */
  end(code: number, reason: string): void;
}

/** What hears of a WebSocket. */
export interface SocketListener {
  /** A whole message, to be read during the call only. */
  message(data: Uint8Array, isBinary: boolean): void;
  ping(data: Uint8Array): void;
  /** The kernel has taken something of what was buffered. */
  drained(): void;
  /** The socket is gone, and must not be touched any more. */
  closed(): void;
}
