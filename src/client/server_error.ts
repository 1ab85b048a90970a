import { type ErrorCode, HzstatError } from '../base/errors.ts';

/** The error a server answered with, from its body; of an answer that is no hzstat's, the status. */
export function serverError(body: string, status: number): HzstatError {
  try {
    const { error }: { error: { code: ErrorCode; message: string } } = JSON.parse(body);
    return new HzstatError(error.code, error.message);
  } catch {
    return new HzstatError('SERVER_UNREACHABLE', `the server answered with status ${status}`);
  }
}
