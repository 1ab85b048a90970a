/**
 * Every error a user, a script or a client can meet has one of these codes. The code is stable, the message is
 * for people: it says what went wrong, where, and what to do about it.
 */
export type ErrorCode =
  // command line and environment
  | 'BAD_FLAG'
  | 'BAD_CONFIG'
  | 'UNSUPPORTED_PLATFORM'
  | 'BAD_ROOTFS'
  | 'BAD_DATA_DIR'
  | 'PORT_UNAVAILABLE'
  | 'TLS_UNUSABLE'
  | 'ENGINE_UNAVAILABLE'
  | 'SERVER_UNREACHABLE'
  | 'SERVER_UNTRUSTED'
  | 'NOT_A_TERMINAL'
  // reading the kernel
  | 'SOURCE_MISSING'
  | 'SOURCE_FORBIDDEN'
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_MALFORMED'
  // collectors and their threads
  | 'COLLECTOR_FAILED'
  | 'COLLECTOR_UNKNOWN'
  | 'COLLECTOR_DUPLICATE'
  | 'COLLECTOR_BAD_MODULE'
  | 'COLLECTOR_BAD_DATA'
  | 'COLLECTOR_STUCK'
  | 'THREAD_DIED'
  | 'THREAD_OUT_OF_MEMORY'
  // requests
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'UPGRADE_REQUIRED'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'INTERNAL'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'BODY_TIMEOUT'
  | 'REQUEST_TIMEOUT'
  | 'HEADERS_TOO_LARGE'
  | 'TOO_MANY_REQUESTS'
  | 'TOO_MANY_STREAMS'
  | 'TOO_MANY_SUBSCRIPTIONS'
  | 'TOO_MANY_CONNECTIONS'
  | 'NO_SNAPSHOT_YET'
  | 'SAMPLING_STALLED'
  // history
  | 'HISTORY_LOCKED'
  | 'HISTORY_DISABLED'
  | 'HISTORY_UNAVAILABLE'
  | 'TOO_MANY_QUERIES'
  | 'QUERY_REFUSED'
  | 'QUERY_INVALID'
  | 'QUERY_TIMEOUT'
  | 'QUERY_OUT_OF_MEMORY'
  | 'QUERY_CANCELLED'
  | 'QUERY_FAILED'
  | 'SHUTTING_DOWN';

/** An error with a stable {@link ErrorCode}; `cause` keeps what lies underneath. */
export class HzstatError extends Error {
  override readonly name = 'HzstatError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The code of any thrown value: our own, or the given one for everything else. */
export function errorCode(error: unknown, otherwise: ErrorCode): ErrorCode {
  return error instanceof HzstatError ? error.code : otherwise;
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error such as `ENOENT`, or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
