import { once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import type { Address, ServerHandlers } from '../../engine/engine.ts';
import type { TlsFiles } from '../../engine/tls_files.ts';
import { proxyHeader } from './proxy_header.ts';

const LONGEST_HANDSHAKE_MS = 10_000;
/** What may take longest at the end: the last bytes to clients that read slowly. */
const LONGEST_FLUSH_MS = 300;

/**
 * Asks every client for its certificate before anything it says is heard, and passes on what those who have one
 * say, behind their address. uWebSockets.js can ask for a certificate too, but admits clients that bring none.
 */
export class TlsFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Listens, and hands every proven client to the server behind the Unix socket. */
  static async listen(
    at: Address,
    { cert, key, clientCa }: TlsFiles,
    behind: string,
    handlers: ServerHandlers,
  ): Promise<TlsFront> {
    const server = createServer({
      cert,
      key,
      ca: clientCa,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: LONGEST_HANDSHAKE_MS,
      noDelay: true,
    });
    server.listen({ ...at, exclusive: true });
    await once(server, 'listening');
    return new TlsFront(server, behind, handlers);
  }

  private constructor(server: Server, behind: string, handlers: ServerHandlers) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      const isWelcome = handlers.connected(socket.remoteAddress ?? '');
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        handlers.disconnected();
      });
      if (!isWelcome) socket.destroy();
    });
    server.on('secureConnection', (client: Socket) => {
      const inner = connect(behind);
      inner.write(proxyHeader(client));
      // Either side may break off at any moment; the other side then ends too, and nobody needs to be told.
      pipeline(client, inner, client, () => {});
    });
    // One connection that could not be taken in must not end the others.
    server.on('error', () => {});
    // A client without a certificate that counts: it has been refused, and there is no more to say.
    server.on('tlsClientError', () => {});
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Takes no more clients, and waits for a moment until those there are have been sent what is theirs. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, LONGEST_FLUSH_MS);
    await closed;
    clearTimeout(cut);
  }
}
