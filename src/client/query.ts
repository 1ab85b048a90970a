import { errorMessage, HzstatError } from '../base/errors.ts';
import { serverError } from './server_error.ts';
import type { ClientTls } from './tls.ts';
import { unreachable } from './unreachable.ts';

/** A table of results, as `POST /query` answers. */
export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}

/** What a query is asked with. */
export interface QueryAccess {
  readonly token?: string | undefined;
  readonly tls?: ClientTls | undefined;
}

/** An answer whose body comes in pieces. */
export interface Answer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends SQL to a server and returns the answer's body as text.
 *
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function postQuery(base: URL, sql: string, access: QueryAccess): Promise<string> {
  return text(postExport(base, sql, 'application/json', access));
}

/**
 * Sends SQL to a server and hands on the answer's body as it comes.
 *
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error; QUERY_FAILED when the answer is
 *   cut off in the middle, which says that the rest is missing
 */
export async function* postExport(
  base: URL,
  sql: string,
  accept: string,
  { token, tls }: QueryAccess,
): AsyncGenerator<Uint8Array, void, undefined> {
  const headers: Record<string, string> = { accept, 'content-type': 'application/sql' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const { status, body } = await post(new URL('query', base), headers, sql, tls).catch((cause: unknown) => {
    throw unreachable(base, cause);
  });
  if (status !== 200) throw serverError(await text(body), status);
  try {
    yield* body;
  } catch (cause) {
    const why = errorMessage(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
    const message = `the answer of ${base.origin} was cut off (${why}): what has come is not all`;
    throw new HzstatError('QUERY_FAILED', message, { cause });
  }
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let whole = '';
  for await (const piece of body) whole += decoder.decode(piece, { stream: true });
  return whole + decoder.decode();
}

async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  tls: ClientTls | undefined,
): Promise<Answer> {
  if (tls !== undefined && url.protocol === 'https:') {
    const { httpsPost } = await import('./https_post.ts');
    return httpsPost(url, headers, body, tls);
  }
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, body: piecesOf(response) };
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
