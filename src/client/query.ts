import { errorMessage, HzstatError } from '../shared/errors.ts';
import { serverError } from './server_error.ts';

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
export async function postQuery(base: URL, sql: string, accept: string, token?: string): Promise<string> {
  const headers: Record<string, string> = { accept, 'content-type': 'application/sql' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(new URL('query', base), { method: 'POST', headers, body: sql });
  } catch (cause) {
    const reason = errorMessage(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
    throw new HzstatError('SERVER_UNREACHABLE', `no hzstat answers at ${base.origin} (${reason})`, { cause });
  }
  const body = await response.text();
  if (response.ok) return body;
  throw serverError(body, response.status);
}
