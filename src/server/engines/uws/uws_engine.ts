import type { TemplatedApp, us_listen_socket, WebSocket } from 'uWebSockets.js';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../../../base/errors.ts';
import type {
  Address,
  Engine,
  EngineSocket,
  Listener,
  ListenOptions,
  ServerHandlers,
  SocketListener,
} from '../../engine/engine.ts';
import { claimSocketFile, SOCKET_FILE_MODE } from '../../engine/socket_file.ts';
import type { TlsFiles } from '../../engine/tls_files.ts';
import { unavailable } from '../../engine/unavailable.ts';
import { MOST_HEAD_BYTES } from '../../http/request_head.ts';
import { TlsFront } from './tls_front.ts';
import { UwsExchange, UwsUpgrade } from './uws_exchange.ts';

type Library = typeof import('uWebSockets.js');

/** Exclusive: by default the library would share the port with other listeners (SO_REUSEPORT). */
const EXCLUSIVE_PORT = 1;

/** What the library keeps with a socket from the handshake on. */
export interface SocketData {
  readonly open: (socket: EngineSocket) => SocketListener;
  listener?: SocketListener;
}

/**
 * uWebSockets.js, which takes half the CPU of Node's own server for each frame it sends.
 *
 * @throws HzstatError ENGINE_UNAVAILABLE when it is not installed, or has no binary for this Node and C library
 */
export async function loadUws(): Promise<Engine> {
  // Read once, when the binary loads. Without it a head that comes in pieces may have a quarter of what one that
  // comes whole may.
  process.env.UWS_HTTP_MAX_HEADERS_SIZE = String(MOST_HEAD_BYTES);
  try {
    const module: { default: Library } = await import('uWebSockets.js');
    return new UwsEngine(module.default);
  } catch (cause) {
    throw new HzstatError('ENGINE_UNAVAILABLE', reasonOf(cause), { cause });
  }
}

function reasonOf(cause: unknown): string {
  const message = errorMessage(cause);
  if (message.includes('Cannot find package')) return 'uWebSockets.js is not installed';
  const glibc = /version `(GLIBC_[\d.]+)' not found/.exec(message)?.[1];
  const why = glibc === undefined ? '' : `: it wants ${glibc.replace('_', ' ').toLowerCase()}`;
  return `uWebSockets.js has no binary that runs on Node ${process.versions.node} here${why}`;
}

class UwsEngine implements Engine {
  readonly name = 'uws';
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
  }

  async listen(at: Address, handlers: ServerHandlers, options: ListenOptions): Promise<Listener> {
    const { tls } = options;
    const isBehindFront = tls?.clientCa !== undefined;
    const app = this.#createApp(isBehindFront ? undefined : tls);
    if (!isBehindFront) countConnections(app, handlers);
    this.#serve(app, handlers, options, isBehindFront);
    if (isBehindFront) return await listenBehindFront(app, at, tls, handlers);
    return 'path' in at ? await listenOnFile(app, at) : await this.#listenOnPort(app, at);
  }

  #createApp(tls: TlsFiles | undefined): TemplatedApp {
    if (tls === undefined) return this.#library.App();
    const { cert, key } = tls.paths;
    try {
      return this.#library.SSLApp({ cert_file_name: cert, key_file_name: key });
    } catch (cause) {
      throw new HzstatError('TLS_UNUSABLE', `the web server cannot use ${cert} with ${key}`, { cause });
    }
  }

  #serve(app: TemplatedApp, handlers: ServerHandlers, options: ListenOptions, isBehindFront: boolean): void {
    app.ws<SocketData>('/stream', {
      maxPayloadLength: options.mostMessageBytes,
      // The bound is the caller's: the library would leave out messages without a word.
      maxBackpressure: 0,
      idleTimeout: options.idleTimeoutS,
      sendPingsAutomatically: true,
      compression: this.#library.DISABLED,
      upgrade: (response, request, context) =>
        handlers.upgrade(new UwsUpgrade(response, request, context, isBehindFront)),
      open: (socket) => {
        const data = socket.getUserData();
        data.listener = data.open(new UwsSocket(socket));
      },
      message: (socket, message, isBinary) =>
        socket.getUserData().listener?.message(new Uint8Array(message), isBinary),
      ping: (socket, message) => socket.getUserData().listener?.ping(new Uint8Array(message)),
      drain: (socket) => socket.getUserData().listener?.drained(),
      close: (socket) => {
        socket.getUserData().listener?.closed();
        // A connection that became a stream is not counted down by the library.
        if (!isBehindFront) handlers.disconnected();
      },
    });
    app.any('/*', (response, request) => handlers.request(new UwsExchange(response, request, isBehindFront)));
  }

  async #listenOnPort(app: TemplatedApp, at: { host: string; port: number }): Promise<Listener> {
    const socket = await new Promise<us_listen_socket | false>((resolve) => {
      // The library takes host, port and options together, though its types do not say so.
      Reflect.apply(app.listen, app, [at.host, at.port, EXCLUSIVE_PORT, resolve]);
    });
    if (socket === false) throw unavailable(at, "the port is taken or the address is not this machine's");
    return {
      port: this.#library.us_socket_local_port(socket),
      close: async () => void app.close(),
    };
  }
}

/** Counts connections from the moment they come until they end or become streams. */
function countConnections(app: TemplatedApp, handlers: ServerHandlers): void {
  const filter = (response: Parameters<Parameters<TemplatedApp['any']>[1]>[0], change: number): void => {
    if (change < 0) handlers.disconnected();
    else if (!handlers.connected(Buffer.from(response.getRemoteAddressAsText()).toString('latin1')))
      response.close();
  };
  // The library has it, though its types do not say so.
  Reflect.apply(Reflect.get(app, 'filter'), app, [filter]);
}

async function listenOnFile(app: TemplatedApp, at: { path: string }): Promise<Listener> {
  await claimSocketFile(at);
  await listenOnUnixSocket(app, at);
  chmodSync(at.path, SOCKET_FILE_MODE);
  return {
    port: 0,
    async close() {
      app.close();
      rmSync(at.path, { force: true });
    },
  };
}

async function listenOnUnixSocket(app: TemplatedApp, at: { path: string }): Promise<void> {
  const socket = await new Promise<us_listen_socket | false>((resolve) => app.listen_unix(resolve, at.path));
  if (socket === false) throw unavailable(at, 'no Unix socket can be made there');
}

/** Between front and application there is a Unix socket in a directory that only this user can enter. */
async function listenBehindFront(
  app: TemplatedApp,
  at: Address,
  tls: TlsFiles,
  handlers: ServerHandlers,
): Promise<Listener> {
  const directory = mkdtempSync(join(process.env.RUNTIME_DIRECTORY ?? tmpdir(), 'hzstat-'));
  const path = join(directory, 'behind-tls');
  const tidy = (): void => {
    app.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await listenOnUnixSocket(app, { path });
    const front = await TlsFront.listen(at, tls, path, handlers);
    return {
      port: front.port,
      async close() {
        app.close();
        await front.close();
        tidy();
      },
    };
  } catch (cause) {
    tidy();
    throw unavailable(at, errorMessage(cause));
  }
}

class UwsSocket implements EngineSocket {
  readonly #socket: WebSocket<SocketData>;

  constructor(socket: WebSocket<SocketData>) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#socket.getBufferedAmount();
  }

  send(message: Uint8Array | string): void {
    this.#socket.send(message, typeof message !== 'string');
  }

  cork(write: () => void): void {
    this.#socket.cork(write);
  }

  end(code: number, reason: string): void {
    this.#socket.end(code, reason);
  }
}
