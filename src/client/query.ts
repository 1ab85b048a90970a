import { errorMessage, HzstatError } from '../base/errors.ts';
import { type RequestAccess, send, textOf } from './request.ts';
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
 * Sends SQL to a server and returns the answer's body as text.
 *
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function postQuery(base: URL, sql: string, access: RequestAccess): Promise<string> {
  return textOf(postExport(base, sql, 'application/json', access));
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
  access: RequestAccess,
): AsyncGenerator<Uint8Array, void, undefined> {
  const headers = { accept, 'content-type': 'application/sql' };
  const { status, body } = await send(base, 'query', { method: 'POST', headers, body: sql }, access);
  if (status !== 200) throw serverError(await textOf(body), status);
  try {
    yield* body;
  } catch (cause) {
    const why = errorMessage(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
    const message = `the answer of ${base.origin} was cut off (${why}): what has come is not all`;
    throw new HzstatError('QUERY_FAILED', message, { cause });
  }
}
