import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { EngineSocket, SocketListener } from '../../engine/engine.ts';
import { SharedFrames } from './message_frame.ts';
import type { SilenceWatch, Watched } from './silence_watch.ts';

const shared = new SharedFrames();

/**
 * A WebSocket of `ws`. What comes in goes through the library; messages go out as frames of our own, written to the
 * socket below, because the library would make a frame anew for every client.
 */
export class NodeSocket implements EngineSocket, Watched {
  lastHeardMs = performance.now();
  isPinged = false;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #silence: SilenceWatch;
  #listener: SocketListener | undefined;

  constructor(webSocket: WebSocket, socket: Socket, silence: SilenceWatch) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#silence = silence;
  }

  attach(open: (socket: EngineSocket) => SocketListener): void {
    const webSocket = this.#webSocket;
    webSocket.binaryType = 'nodebuffer';
    webSocket.on('message', (data, isBinary) => {
      this.#heard();
      if (data instanceof Uint8Array) this.#listener?.message(data, isBinary);
    });
    webSocket.on('ping', (data) => {
      this.#heard();
      this.#listener?.ping(data);
    });
    webSocket.on('pong', () => this.#heard());
    webSocket.on('close', () => this.#ended());
    // A client that broke the protocol has been answered by the library; `close` follows.
    webSocket.on('error', () => {});
    this.#socket.on('drain', () => {
      this.#heard();
      this.#listener?.drained();
    });
    this.#silence.add(this);
    this.#listener = open(this);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  send(message: Uint8Array | string): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#socket.write(shared.of(message));
  }

  cork(write: () => void): void {
    this.#socket.cork();
    write();
    this.#socket.uncork();
  }

  end(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    this.#notify();
  }

  ping(): void {
    this.#webSocket.ping();
  }

  cut(): void {
    this.#webSocket.terminate();
  }

  #heard(): void {
    this.lastHeardMs = performance.now();
    this.isPinged = false;
  }

  #ended(): void {
    this.#silence.delete(this);
    this.#notify();
  }

  #notify(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.closed();
  }
}
