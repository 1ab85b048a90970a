import { readFileSync } from 'node:fs';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import type { RemoteWriteSettings } from './settings.ts';

type Secrets = Pick<RemoteWriteSettings, 'user' | 'passwordFile' | 'tokenFile'>;

/**
 * The head `authorization` of a request; undefined where none is wanted. Files are read each time, so that a secret
 * that is replaced is used from then on.
 *
 * @throws HzstatError BAD_FLAG where a file cannot be read, or has nothing in it
 */
export function authorization({ user, passwordFile, tokenFile }: Secrets): string | undefined {
  if (tokenFile !== undefined) return `Bearer ${secretIn(tokenFile)}`;
  if (user === undefined || passwordFile === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${secretIn(passwordFile)}`).toString('base64')}`;
}

function secretIn(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `cannot read ${path}: ${errorMessage(cause)}`, { cause });
  }
  if (secret === '') throw new HzstatError('BAD_FLAG', `${path} is empty: it is to hold the secret`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what no head can carry
  if (/[\x00-\x1f\x7f]/.test(secret))
    throw new HzstatError('BAD_FLAG', `${path} holds more than one line, which no head can carry`);
  return secret;
}

export interface ClientTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** What the sender shows and trusts. @throws HzstatError BAD_FLAG where a file cannot be read */
export function clientTls({ ca, cert, key }: Pick<RemoteWriteSettings, 'ca' | 'cert' | 'key'>): ClientTls {
  return {
    ...(ca !== undefined && { ca: pemIn(ca) }),
    ...(cert !== undefined && { cert: pemIn(cert) }),
    ...(key !== undefined && { key: pemIn(key) }),
  };
}

function pemIn(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `cannot read ${path}: ${errorMessage(cause)}`, { cause });
  }
}
