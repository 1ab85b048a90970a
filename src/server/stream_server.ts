import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { MOST_MESSAGE_BYTES } from '../wire/protocol/close_codes.ts';
import type { IncidentFrame } from '../wire/protocol/frames.ts';
import { Access, type AccessSettings } from './access/access.ts';
import { Door } from './access/door.ts';
import type { Address, Engine, EngineName, Listener } from './engine/engine.ts';
import type { TlsFiles } from './engine/tls_files.ts';
import {
  type ConnectionLimitSettings,
  ConnectionLimits,
  DEFAULT_CONNECTION_LIMITS,
} from './limits/connection_limits.ts';
import { Router } from './routes/router.ts';
import { addRoutes, type RouteSources } from './routes/routes.ts';
import { type SocketSources, StreamSockets } from './stream/stream_sockets.ts';

/** A message that is larger is not even read; up to here there is a close code that says why. */
const MOST_MESSAGE_BYTES_READ = 4 * MOST_MESSAGE_BYTES;
/** A client that neither reads nor answers pings for so long is gone. */
const IDLE_TIMEOUT_S = 60;

export interface StreamServerOptions extends RouteSources, SocketSources {
  readonly engine: Engine;
  readonly listen: Address;
  readonly access?: AccessSettings | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly limits?: Partial<ConnectionLimitSettings> | undefined;
  /** After how long without a word a client is cut; at least 8 s. */
  readonly idleTimeoutS?: number | undefined;
}

/** WebSocket and HTTP on one port. */
export class StreamServer {
  readonly engine: EngineName;
  readonly #sockets: StreamSockets;
  readonly #listener: Listener;

  /** @throws HzstatError PORT_UNAVAILABLE, TLS_UNUSABLE */
  static async start(options: StreamServerOptions): Promise<StreamServer> {
    const { engine, listen: address, access, tls } = options;
    const limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
    const host = 'path' in address ? undefined : address.host;
    const door = new Door(new Access(host, access, tls !== undefined), new ConnectionLimits(limits));
    const sockets = new StreamSockets(options, door);
    const router = new Router(door);
    addRoutes(router, options, engine.name, access?.token !== undefined);
    const listener = await engine.listen(
      address,
      {
        connected: (peer) => door.connected(peer),
        disconnected: () => door.disconnected(),
        request: (exchange) => router.handle(exchange),
        upgrade: (upgrade) => sockets.upgrade(upgrade),
      },
      {
        tls,
        idleTimeoutS: options.idleTimeoutS ?? IDLE_TIMEOUT_S,
        mostMessageBytes: MOST_MESSAGE_BYTES_READ,
      },
    );
    return new StreamServer(engine.name, sockets, listener);
  }

  private constructor(engine: EngineName, sockets: StreamSockets, listener: Listener) {
    this.engine = engine;
    this.#sockets = sockets;
    this.#listener = listener;
  }

  /** The port listened on: the one asked for, or the one the system chose for port 0; 0 for a Unix socket. */
  get port(): number {
    return this.#listener.port;
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#sockets.publish(snapshots);
  }

  /** Tells those who want to know that something has begun, or is over. */
  tellIncident(frame: IncidentFrame): void {
    this.#sockets.tellIncident(frame);
  }

  /** Tells every client that the server ends, and stops listening. */
  async close(): Promise<void> {
    this.#sockets.close();
    await this.#listener.close();
  }
}
