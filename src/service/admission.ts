import { HzstatError } from '../base/errors.ts';
import { type AccessSettings, isLoopback } from '../server/access/access.ts';
import type { Address, EngineName } from '../server/engine/engine.ts';
import { readTlsFiles, type TlsFiles } from '../server/engine/tls_files.ts';
import type { AccessOptions } from './settings.ts';
import { readToken } from './token.ts';

/** Files open for other things than connections: kernel files, threads, history. */
const OWN_FILES = 512;
const HOW_TO_GIVE_TOKEN = 'add --token-file FILE (openssl rand -hex 32 > FILE makes one)';
const HOW_TO_GO_ON = `${HOW_TO_GIVE_TOKEN} or --tls-cert, --tls-key and --tls-client-ca, or listen on 127.0.0.1`;

/** Access settings for the server, and warnings for the user. */
export interface Admission {
  readonly access: AccessSettings;
  readonly tls: TlsFiles | undefined;
  readonly limits: { readonly connections: number };
  readonly warnings: readonly string[];
}

/**
 * Makes of the flags who may use the server, or says why that would be unsafe.
 *
 * @throws HzstatError BAD_FLAG, TLS_UNUSABLE
 */
export function admission(options: AccessOptions, at: Address, engine: EngineName): Admission {
  const warnings: string[] = [];
  const token = readToken(options, warnings);
  if (options.requireToken === true && token === undefined) {
    const message = `--require-token wants a token: ${HOW_TO_GIVE_TOKEN}`;
    throw new HzstatError('BAD_FLAG', message);
  }
  const tls = readTls(options);
  if (tls !== undefined && tls.expires.getTime() < Date.now())
    warnings.push(`the certificate in ${tls.paths.cert} has expired: clients will refuse it`);
  // Who may open a Unix socket is said by the modes of its file and directory.
  if (!('path' in at) && !isLoopback(at.host)) {
    if (token === undefined && tls?.clientCa === undefined) {
      const message = `listening on ${at.host} would let everybody who can reach it read this machine: ${HOW_TO_GO_ON}`;
      throw new HzstatError('BAD_FLAG', message);
    }
    if (tls === undefined)
      warnings.push(
        'the token and all data travel unencrypted: --tls-cert and --tls-key, or a proxy, mend that',
      );
  }
  const limits = {
    connections: connectionsWithin(filesPerConnection(tls, engine), options.maxConnections, warnings),
  };
  return { access: { token, allowedOrigins: options.allowOrigin }, tls, limits, warnings };
}

function readTls({ tlsCert, tlsKey, tlsClientCa }: AccessOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new HzstatError('BAD_FLAG', 'TLS needs both --tls-cert and --tls-key');
  return readTlsFiles({ cert: tlsCert, key: tlsKey, clientCa: tlsClientCa });
}

/** As many connections as were asked for, or as the files this process may open leave for them. */
function connectionsWithin(filesEach: number, wanted: number, warnings: string[]): number {
  const files = openFiles();
  const most = Math.max(1, Math.floor((files - OWN_FILES) / filesEach));
  if (wanted <= most) return wanted;
  warnings.push(`of ${wanted} connections ${most} are possible: only ${files} files may be open (ulimit -n)`);
  return most;
}

/** Behind the front that checks certificates for uWebSockets.js each connection has two further ends. */
function filesPerConnection(tls: TlsFiles | undefined, engine: EngineName): number {
  return engine === 'node' || tls?.clientCa === undefined ? 1 : 3;
}

/** How many files this process may have open. */
function openFiles(): number {
  const report: unknown = process.report.getReport();
  const limits = property(property(report, 'userLimits'), 'open_files');
  const soft = property(limits, 'soft');
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
