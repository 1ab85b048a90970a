import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { errorMessage, systemErrorCode } from '../../../base/errors.ts';
import type { Address, Engine, Listener, ListenOptions, ServerHandlers } from '../../engine/engine.ts';
import { claimSocketFile, SOCKET_FILE_MODE } from '../../engine/socket_file.ts';
import type { TlsFiles } from '../../engine/tls_files.ts';
import { unavailable } from '../../engine/unavailable.ts';
import { MOST_HEAD_BYTES } from '../../http/request_head.ts';
import { CuttingWebSocket } from './cutting_web_socket.ts';
import { answerMalformed } from './malformed.ts';
import { NodeExchange } from './node_exchange.ts';
import { NodeUpgrade } from './node_upgrade.ts';
import { SilenceWatch } from './silence_watch.ts';
import { bodyOfUpgrade } from './upgrade_body.ts';

const LONGEST_HANDSHAKE_MS = 10_000;
/** How long a connection may take over the head of a request, or stay open without one. */
const LONGEST_HEAD_MS = 10_000;
/** How often connections that take too long over a request are looked for. */
const CHECK_EVERY_MS = 1_000;
/** The routes have a limit of their own for bodies; this one ends what they no longer wait for. */
const LONGEST_REQUEST_MS = 30_000;
/** What may take longest at the end: the last bytes to clients that read slowly. */
const LONGEST_FLUSH_MS = 300;
/** How long a client may take to answer a close frame. */
const LONGEST_CLOSE_MS = 5_000;

/**
 * Heads larger than the routes allow are answered by them; only much larger ones are refused here, by the
 * parser, which counts a little differently.
 */
const MOST_PARSED_HEAD_BYTES = MOST_HEAD_BYTES + 1_024;

/** What a client makes of 16 random bytes. */
const HANDSHAKE_KEY = /^[+/0-9A-Za-z]{22}==$/;

const SERVER_OPTIONS = {
  maxHeaderSize: MOST_PARSED_HEAD_BYTES,
  headersTimeout: LONGEST_HEAD_MS,
  requestTimeout: LONGEST_REQUEST_MS,
  keepAliveTimeout: LONGEST_HEAD_MS,
  connectionsCheckingInterval: CHECK_EVERY_MS,
  // A request without Host is answered like any other that is wrong, with a code.
  requireHostHeader: false,
  noDelay: true,
  // From Node 24.9 on a request for another protocol than ours stays an ordinary one.
  shouldUpgradeCallback: isStreamHandshake,
};

const SOCKET_OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  closeTimeout: LONGEST_CLOSE_MS,
  WebSocket: CuttingWebSocket,
};

/** Node's own HTTP server with `ws`: runs wherever Node does. */
export class NodeEngine implements Engine {
  readonly name = 'node';

  async listen(at: Address, handlers: ServerHandlers, options: ListenOptions): Promise<Listener> {
    const { tls } = options;
    const server = tls === undefined ? createServer(SERVER_OPTIONS) : createTlsServer(tlsOptions(tls));
    const connections = new Set<Socket>();
    countConnections(server, connections, handlers);
    const silence = new SilenceWatch(options.idleTimeoutS);
    serve(server, handlers, options, silence);
    if ('path' in at) await claimSocketFile(at);
    await listening(server, at);
    // One connection that could not be taken in must not end the others.
    server.on('error', () => {});
    silence.start();
    const address: AddressInfo | string | null = server.address();
    return {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      async close() {
        silence.stop();
        await closed(server, connections);
        if ('path' in at) rmSync(at.path, { force: true });
      },
    };
  }
}

function tlsOptions({
  cert,
  key,
  clientCa,
}: TlsFiles): ServerOptions & Parameters<typeof createTlsServer>[0] {
  return {
    ...SERVER_OPTIONS,
    cert,
    key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: LONGEST_HANDSHAKE_MS,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}

function countConnections(server: Server, connections: Set<Socket>, handlers: ServerHandlers): void {
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => {
      connections.delete(socket);
      handlers.disconnected();
    });
    if (!handlers.connected(socket.remoteAddress ?? '')) socket.destroy();
  });
  // A client that never gets as far as speaking HTTP has been refused, and there is no more to say.
  server.on('tlsClientError', () => {});
}

function serve(
  server: Server,
  handlers: ServerHandlers,
  { mostMessageBytes }: ListenOptions,
  silence: SilenceWatch,
): void {
  const sockets = new WebSocketServer({ ...SOCKET_OPTIONS, maxPayload: mostMessageBytes });
  const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
    handlers.request(new NodeExchange(request, response));
  server.on('request', onRequest);
  server.on('checkExpectation', onRequest);
  server.on('clientError', answerMalformed);
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const { socket } = request;
    stream.on('error', () => stream.destroy());
    const response = detachedResponse(request, socket);
    // A handshake with a body is none: later Nodes hand over a stream that has the body before it.
    if (isStreamHandshake(request) && stream === socket) {
      handlers.upgrade(new NodeUpgrade(request, response, { socket, head, sockets, silence }));
    } else {
      handlers.request(new NodeExchange(request, response, bodyOfUpgrade(request, head)));
    }
  };
  server.on('upgrade', onUpgrade);
  server.on('connect', onUpgrade);
}

/** What Node hands over as an upgrade has left its HTTP server, which answers it no more: this does, once. */
function detachedResponse(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return response;
}

function isStreamHandshake({ method, url = '', headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    /^\/stream(\?|$)/.test(url) &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    HANDSHAKE_KEY.test(headers['sec-websocket-key'] ?? '') &&
    headers['sec-websocket-version'] === '13'
  );
}

async function listening(server: Server, at: Address): Promise<void> {
  try {
    server.listen({ ...at, exclusive: true });
    await once(server, 'listening');
    if ('path' in at) chmodSync(at.path, SOCKET_FILE_MODE);
  } catch (cause) {
    const isTaken = systemErrorCode(cause) === 'EADDRINUSE';
    throw unavailable(at, isTaken ? 'the port is taken' : errorMessage(cause));
  }
}

/** Stops taking connections, gives those there are a moment to take what was written, and cuts them. */
async function closed(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const over = once(server, 'close');
  server.close();
  const cut = setTimeout(() => {
    for (const socket of connections) socket.destroy();
  }, LONGEST_FLUSH_MS);
  await over;
  clearTimeout(cut);
}
