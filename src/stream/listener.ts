import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../shared/errors.ts';
import { type ConnectionLimitSettings, ConnectionLimits } from './connection_limits.ts';
import { type Engine, EXCLUSIVE_PORT } from './engine.ts';
import type { TlsFiles } from './tls_files.ts';
import { TlsFront } from './tls_front.ts';

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Something that listens until it is closed. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The engine's application for a kind of connection: plain, TLS, or plain behind a front that speaks TLS.
 *
 * @throws HzstatError TLS_UNUSABLE
 */
export function createApp(engine: Engine, tls: TlsFiles | undefined): TemplatedApp {
  if (tls === undefined || tls.clientCa !== undefined) return engine.App();
  const { cert, key } = tls.paths;
  try {
    return engine.SSLApp({ cert_file_name: cert, key_file_name: key });
  } catch (cause) {
    throw new HzstatError('TLS_UNUSABLE', `the web server cannot use ${cert} with ${key}`, { cause });
  }
}

/** @throws HzstatError PORT_UNAVAILABLE */
export async function listen(
  engine: Engine,
  app: TemplatedApp,
  address: Address,
  tls: TlsFiles | undefined,
  limits: ConnectionLimitSettings,
): Promise<Listener> {
  if (tls?.clientCa !== undefined) return listenBehindFront(app, address, tls, limits);
  const socket = await new Promise<us_listen_socket | false>((resolve) => {
    // The engine takes host, port and options together, though its types do not say so.
    Reflect.apply(app.listen, app, [address.host, address.port, EXCLUSIVE_PORT, resolve]);
  });
  if (socket === false) throw unavailable(address, "the port is taken or the address is not this machine's");
  return {
    port: engine.us_socket_local_port(socket),
    async close() {
      app.close();
    },
  };
}

/** Between front and application there is a Unix socket in a directory that only this user can enter. */
async function listenBehindFront(
  app: TemplatedApp,
  address: Address,
  tls: TlsFiles,
  limits: ConnectionLimitSettings,
): Promise<Listener> {
  const directory = mkdtempSync(join(process.env.RUNTIME_DIRECTORY ?? tmpdir(), 'hzstat-'));
  const path = join(directory, 'behind-tls');
  const socket = await new Promise<us_listen_socket | false>((resolve) => app.listen_unix(resolve, path));
  if (socket === false) throw unavailable(address, `no Unix socket can be made at ${path}`);
  try {
    const front = await TlsFront.listen(address, tls, path, new ConnectionLimits(limits));
    return {
      port: front.port,
      async close() {
        app.close();
        await front.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    app.close();
    rmSync(directory, { recursive: true, force: true });
    throw unavailable(address, errorMessage(cause));
  }
}

function unavailable({ host, port }: Address, reason: string): HzstatError {
  return new HzstatError(
    'PORT_UNAVAILABLE',
    `cannot listen on ${host}:${port}: ${reason}; choose another with --listen`,
  );
}
