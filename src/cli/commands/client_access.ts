import { readFileSync } from 'node:fs';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import type { ClientTls } from '../../client/tls.ts';
import { readToken } from '../../service/token.ts';
import type { ClientOptions } from '../options/access_options.ts';

/** What a command brings to a server. */
export interface ClientAccess {
  token?: string;
  tls?: ClientTls;
}

/** @throws HzstatError BAD_FLAG when a file cannot be read */
export function clientAccess(options: ClientOptions): ClientAccess {
  const token = readToken(options);
  const { ca, clientCert, clientKey } = options;
  if ((clientCert === undefined) !== (clientKey === undefined))
    throw new HzstatError('BAD_FLAG', 'a client certificate needs both --client-cert and --client-key');
  const access: ClientAccess = {};
  if (token !== undefined) access.token = token;
  if (ca !== undefined || clientCert !== undefined) {
    access.tls = {
      ca: read('--ca', ca),
      cert: read('--client-cert', clientCert),
      key: read('--client-key', clientKey),
    };
  }
  return access;
}

function read(flag: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `${flag} cannot be read: ${errorMessage(cause)}`, { cause });
  }
}
