import { errorMessage, HzstatError } from '../shared/errors.ts';
import { serverError } from './server_error.ts';
import type { ClientTls } from './tls.ts';

/** A table of results, as `POST /query` answers. */
export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}

/**
 * Sends SQL to a server and returns the answer's body.
 *
 * @throws HzstatError SERVER_UNREACHABLE, or the server's own error
 */
export async function postQuery(
  base: URL,
  sql: string,
  accept: string,
  token?: string,
  tls?: ClientTls,
): Promise<string> {
  const headers: Record<string, string> = { accept, 'content-type': 'application/sql' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const { status, body } = await post(new URL('query', base), headers, sql, tls).catch((cause: unknown) => {
    const reason = errorMessage(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
    throw new HzstatError('SERVER_UNREACHABLE', `no hzstat answers at ${base.origin} (${reason})`, { cause });
  });
  if (status === 200) return body;
  throw serverError(body, status);
}

async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  tls: ClientTls | undefined,
): Promise<{ status: number; body: string }> {
  if (tls !== undefined && url.protocol === 'https:') {
    const { httpsPost } = await import('./https_post.ts');
    return httpsPost(url, headers, body, tls);
  }
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, body: await response.text() };
}
