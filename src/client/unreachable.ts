import { errorMessage, HzstatError } from '../base/errors.ts';

/** What TLS says of a certificate that nobody vouches for, in the words of OpenSSL as Node spells them. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);

/** Why a connection failed: there is no server, or there is one and its certificate is not trusted. */
export function unreachable(base: URL, cause: unknown): HzstatError {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const code = codeOf(inner);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED') {
    return new HzstatError(
      'SERVER_UNTRUSTED',
      `the certificate of ${base.origin} does not hold: ${errorMessage(inner)}`,
      { cause },
    );
  }
  if (code !== undefined && UNTRUSTED.has(code)) {
    return new HzstatError(
      'SERVER_UNTRUSTED',
      `${base.origin} answers, but nobody here vouches for its certificate (${errorMessage(inner)}): name the authority that signed it, or the certificate itself, with --ca`,
      { cause },
    );
  }
  // What OpenSSL says ends a line.
  const why = (typeof inner === 'string' ? inner : errorMessage(inner)).trim();
  return new HzstatError('SERVER_UNREACHABLE', whyUnreachable(base, code, why), { cause });
}

/** There is no server, or one that was spoken to in the wrong way. */
function whyUnreachable(base: URL, code: string | undefined, why: string): string {
  if (
    base.protocol === 'https:' &&
    /wrong version number|packet length too long|ERR_SSL_/i.test(`${code} ${why}`)
  )
    return `what answers at ${base.origin} does not speak TLS: ask it at http://${base.host}`;
  const closed = code === 'ECONNRESET' || code === 'UND_ERR_SOCKET';
  const remedy =
    closed && base.protocol === 'http:'
      ? `the connection was closed at once: if that server speaks TLS, ask it at https://${base.host}`
      : '"hzstat serve" starts one';
  return `no hzstat answers at ${base.origin} (${why}); ${remedy}`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
