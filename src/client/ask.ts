import { HzstatError } from '../base/errors.ts';
import { type ClientRequest, type RequestAccess, send, textOf } from './request.ts';
import { serverError } from './server_error.ts';

/**
 * Sends a request whose answer is JSON.
 *
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function ask(
  base: URL,
  path: string,
  request: ClientRequest,
  access: RequestAccess,
): Promise<unknown> {
  const { status, body } = await send(base, path, request, access);
  const text = await textOf(body);
  if (status !== 200 && status !== 201) throw serverError(text, status);
  try {
    return JSON.parse(text);
  } catch {
    throw noHzstat(base);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** For an answer that no hzstat gives. */
export function noHzstat(base: URL): HzstatError {
  return new HzstatError('SERVER_UNREACHABLE', `what answers at ${base.origin} is no hzstat`);
}
