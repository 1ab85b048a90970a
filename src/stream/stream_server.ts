import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { Access, type AccessSettings } from './access.ts';
import {
  type ConnectionLimitSettings,
  ConnectionLimits,
  DEFAULT_CONNECTION_LIMITS,
} from './connection_limits.ts';
import { Door } from './door.ts';
import { loadEngine } from './engine.ts';
import { type Address, createApp, type Listener, listen } from './listener.ts';
import { Router } from './router.ts';
import { addRoutes, type RouteSources } from './routes.ts';
import { type SocketSources, StreamSockets } from './stream_sockets.ts';
import type { TlsFiles } from './tls_files.ts';

export interface StreamServerOptions extends RouteSources, SocketSources {
  readonly listen: Address;
  readonly access?: AccessSettings | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly limits?: Partial<ConnectionLimitSettings> | undefined;
}

/** WebSocket and HTTP on one port. */
export class StreamServer {
  readonly #door: Door;
  readonly #sockets: StreamSockets;
  readonly #listener: Listener;

  /** @throws HzstatError ENGINE_UNAVAILABLE, PORT_UNAVAILABLE, TLS_UNUSABLE */
  static async start(options: StreamServerOptions): Promise<StreamServer> {
    const { listen: address, access, tls } = options;
    const engine = await loadEngine();
    const app = createApp(engine, tls);
    const limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
    const door = new Door(new Access(address.host, access, tls !== undefined), new ConnectionLimits(limits));
    door.watch(app);
    const sockets = new StreamSockets(options, door);
    sockets.attach(app, engine);
    addRoutes(new Router(app, door), options);
    return new StreamServer(door, sockets, await listen(engine, app, address, tls, limits));
  }

  private constructor(door: Door, sockets: StreamSockets, listener: Listener) {
    this.#door = door;
    this.#sockets = sockets;
    this.#listener = listener;
  }

  /** The port listened on: the one asked for, or the one the system chose for port 0. */
  get port(): number {
    return this.#listener.port;
  }

  /** Connections that came, and requests on them, since the start. */
  get knocks(): number {
    return this.#door.knocks;
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#sockets.publish(snapshots);
  }

  /** Tells every client that the server ends, and stops listening. */
  async close(): Promise<void> {
    this.#sockets.close();
    await this.#listener.close();
  }
}
