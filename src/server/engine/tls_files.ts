import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { errorMessage, HzstatError } from '../../base/errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The files of a server that speaks TLS, all PEM. */
export interface TlsPaths {
  /** The server's certificate, followed by those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** The authorities one of which must have signed the certificate of every client. */
  readonly clientCa?: string | undefined;
}

/** Files that were read, and go together. */
export interface TlsFiles {
  readonly paths: TlsPaths;
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
  /** From when on no client will trust the certificate. */
  readonly expires: Date;
}

/** @throws HzstatError TLS_UNUSABLE naming the file and what is wrong with it */
export function readTlsFiles(paths: TlsPaths): TlsFiles {
  const cert = read('--tls-cert', paths.cert);
  const certificate = firstCertificate('--tls-cert', paths.cert, cert);
  const key = read('--tls-key', paths.key);
  if (!certificate.checkPrivateKey(privateKey(paths.key, key))) {
    const message = `--tls-key ${paths.key} is not the key of the certificate in --tls-cert ${paths.cert}`;
    throw new HzstatError('TLS_UNUSABLE', message);
  }
  const clientCa = paths.clientCa === undefined ? undefined : read('--tls-client-ca', paths.clientCa);
  if (paths.clientCa !== undefined && clientCa !== undefined)
    firstCertificate('--tls-client-ca', paths.clientCa, clientCa);
  try {
    createSecureContext({ cert, key, ...(clientCa !== undefined && { ca: clientCa }) });
  } catch (cause) {
    throw new HzstatError('TLS_UNUSABLE', `TLS cannot use ${paths.cert}: ${errorMessage(cause)}`, { cause });
  }
  return { paths, cert, key, clientCa, expires: new Date(certificate.validTo) };
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HzstatError('TLS_UNUSABLE', `${flag} cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

/** The first certificate of a file all of whose certificates can be read. */
function firstCertificate(flag: string, path: string, pem: string): X509Certificate {
  try {
    const [first] = (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
    if (first !== undefined) return first;
  } catch (cause) {
    const message = `${flag} ${path} holds a certificate that cannot be read: ${errorMessage(cause)}`;
    throw new HzstatError('TLS_UNUSABLE', message, { cause });
  }
  throw new HzstatError('TLS_UNUSABLE', `${flag} ${path} holds no PEM certificate`);
}

function privateKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const reason = pem.includes('ENCRYPTED')
      ? 'holds an encrypted key: "openssl pkey" writes it without its passphrase'
      : 'holds no PEM key';
    throw new HzstatError('TLS_UNUSABLE', `--tls-key ${path} ${reason}`, { cause });
  }
}
