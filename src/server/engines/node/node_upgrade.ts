import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocketServer } from 'ws';
import type { EngineSocket, SocketListener, Upgrade } from '../../engine/engine.ts';
import { NodeExchange } from './node_exchange.ts';
import { NodeSocket } from './node_socket.ts';
import type { SilenceWatch } from './silence_watch.ts';

/** What a handshake becomes a WebSocket with. */
export interface UpgradeTools {
  readonly socket: Socket;
  /** What came behind the handshake. */
  readonly head: Buffer;
  readonly sockets: WebSocketServer;
  readonly silence: SilenceWatch;
}

/** A handshake that Node's server and `ws` have found to be one. */
export class NodeUpgrade extends NodeExchange implements Upgrade {
  readonly #handshake: IncomingMessage;
  readonly #refusal: ServerResponse;
  readonly #tools: UpgradeTools;

  constructor(handshake: IncomingMessage, refusal: ServerResponse, tools: UpgradeTools) {
    super(handshake, refusal);
    this.#handshake = handshake;
    this.#refusal = refusal;
    this.#tools = tools;
  }

  accept(protocol: string, open: (socket: EngineSocket) => SocketListener): void {
    const { socket, head, sockets, silence } = this.#tools;
    this.#refusal.detachSocket(socket);
    // The library would choose the first one offered; which one it is was agreed on already.
    if (protocol === '') delete this.#handshake.headers['sec-websocket-protocol'];
    else this.#handshake.headers['sec-websocket-protocol'] = protocol;
    sockets.handleUpgrade(this.#handshake, socket, head, (webSocket) => {
      new NodeSocket(webSocket, socket, silence).attach(open);
    });
  }
}
