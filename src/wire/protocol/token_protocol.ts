/** The subprotocol of the stream, for clients that name one. */
export const STREAM_PROTOCOL = 'hzstat';

const TOKEN_PREFIX = 'hzstat.token.';

/**
 * The subprotocols by which a page of another site brings its token: a browser lets it set no header of a
 * WebSocket but this one.
 */
export function protocolsWith(token: string): string[] {
  const base64url = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return [STREAM_PROTOCOL, TOKEN_PREFIX + base64url];
}

/** The token among the subprotocols a client offers, if there is one. */
export function tokenIn(protocols: string): string | undefined {
  const offer = offered(protocols).find((protocol) => protocol.startsWith(TOKEN_PREFIX));
  if (offer === undefined) return undefined;
  try {
    return atob(offer.slice(TOKEN_PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}

/** The subprotocol to agree to: the first one offered that is not a token. */
export function agreedProtocol(protocols: string): string {
  return offered(protocols).find((protocol) => !protocol.startsWith(TOKEN_PREFIX)) ?? '';
}

function offered(protocols: string): string[] {
  return protocols.split(',').map((protocol) => protocol.trim());
}
