import type { ClientTls } from './tls.ts';
import { unreachable } from './unreachable.ts';

/** What a request is made with. */
export interface RequestAccess {
  readonly token?: string | undefined;
  readonly tls?: ClientTls | undefined;
}

/** What is asked of a server. */
export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose body comes in pieces. */
export interface Answer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request to a server, with what gives access to it.
 *
 * @param path without a slash in front
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED
 */
export async function send(
  base: URL,
  path: string,
  { method, headers, body }: ClientRequest,
  { token, tls }: RequestAccess,
): Promise<Answer> {
  const all = token === undefined ? { ...headers } : { ...headers, authorization: `Bearer ${token}` };
  const url = new URL(path, base);
  try {
    if (tls !== undefined && url.protocol === 'https:') {
      const { httpsRequest } = await import('./https_request.ts');
      return await httpsRequest(url, { method, headers: all, ...(body !== undefined && { body }) }, tls);
    }
    const response = await fetch(url, { method, headers: all, ...(body !== undefined && { body }) });
    return { status: response.status, body: piecesOf(response) };
  } catch (cause) {
    throw unreachable(base, cause);
  }
}

/** The whole of a body. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let whole = '';
  for await (const piece of body) whole += decoder.decode(piece, { stream: true });
  return whole + decoder.decode();
}

/** Read by a reader: not every browser can iterate over a stream. */
async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
