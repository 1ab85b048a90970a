import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { HzstatError } from '../shared/errors.ts';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { Access, type AccessSettings } from './access.ts';
import {
  type ConnectionLimitSettings,
  ConnectionLimits,
  DEFAULT_CONNECTION_LIMITS,
} from './connection_limits.ts';
import { Door } from './door.ts';
import { type Engine, EXCLUSIVE_PORT, loadEngine } from './engine.ts';
import { Router } from './router.ts';
import { addRoutes, type RouteSources } from './routes.ts';
import { type SocketSources, StreamSockets } from './stream_sockets.ts';

export interface StreamServerOptions extends RouteSources, SocketSources {
  readonly listen: { readonly host: string; readonly port: number };
  readonly access?: AccessSettings;
  readonly limits?: Partial<ConnectionLimitSettings>;
}

/** WebSocket and HTTP on one port. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #engine: Engine;
  readonly #app: TemplatedApp;
  readonly #sockets: StreamSockets;
  #listenSocket: us_listen_socket | undefined;

  /** @throws HzstatError ENGINE_UNAVAILABLE, PORT_UNAVAILABLE */
  static async start(options: StreamServerOptions): Promise<StreamServer> {
    const server = new StreamServer(options, await loadEngine());
    await server.#listen();
    return server;
  }

  private constructor(options: StreamServerOptions, engine: Engine) {
    this.#options = options;
    this.#engine = engine;
    this.#app = engine.App();
    const access = new Access(options.listen.host, options.access);
    const limits = new ConnectionLimits({ ...DEFAULT_CONNECTION_LIMITS, ...options.limits });
    const door = new Door(access, limits);
    door.watch(this.#app);
    this.#sockets = new StreamSockets(options, door);
    this.#sockets.attach(this.#app, engine);
    addRoutes(new Router(this.#app, door), options);
  }

  /** The port listened on: the one asked for, or the one the system chose for port 0. */
  get port(): number {
    return this.#listenSocket === undefined ? 0 : this.#engine.us_socket_local_port(this.#listenSocket);
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#sockets.publish(snapshots);
  }

  /** Tells every client that the server ends, and stops listening. */
  close(): void {
    this.#sockets.close();
    this.#app.close();
    this.#listenSocket = undefined;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      const listened = (socket: us_listen_socket | false): void => {
        if (socket !== false) {
          this.#listenSocket = socket;
          resolve();
          return;
        }
        const message = `cannot listen on ${host}:${port}: the port is taken or the address is not this machine's; choose another with --listen`;
        reject(new HzstatError('PORT_UNAVAILABLE', message));
      };
      // The engine takes host, port and options together, though its types do not say so.
      Reflect.apply(this.#app.listen, this.#app, [host, port, EXCLUSIVE_PORT, listened]);
    });
  }
}
