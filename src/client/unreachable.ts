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
  const why = typeof inner === 'string' ? inner : errorMessage(inner);
  return new HzstatError(
    'SERVER_UNREACHABLE',
    `no hzstat answers at ${base.origin} (${why}); "hzstat serve" starts one`,
    { cause },
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
