import type { ErrorCode, HzstatError } from '../../base/errors.ts';
import type { Headers } from '../engine/engine.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  COLLECTOR_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  BODY_TIMEOUT: 408,
  REQUEST_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
  TOO_MANY_REQUESTS: 429,
  TOO_MANY_STREAMS: 429,
  TOO_MANY_CONNECTIONS: 503,
  TOO_MANY_SUBSCRIPTIONS: 503,
  TOO_MANY_QUERIES: 503,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UPGRADE_REQUIRED: 426,
  QUERY_REFUSED: 403,
  QUERY_INVALID: 400,
  QUERY_TIMEOUT: 408,
  QUERY_OUT_OF_MEMORY: 413,
  HISTORY_DISABLED: 404,
  HISTORY_UNAVAILABLE: 503,
  NO_SNAPSHOT_YET: 503,
  SAMPLING_STALLED: 503,
  SHUTTING_DOWN: 503,
};

/** What a status asks of the answer besides the error itself. */
const HEADERS_OF_STATUS: Readonly<Record<number, Headers>> = {
  401: [['WWW-Authenticate', 'Bearer realm="hzstat"']],
  429: [['Retry-After', '5']],
  503: [['Retry-After', '1']],
};

/** The status that fits an error. */
export function statusOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? 500;
}

export function headersOfStatus(status: number): Headers {
  return HEADERS_OF_STATUS[status] ?? [];
}

/** `{"error":{"code","message"}}`, a line of its own. */
export function errorBody({ code, message }: HzstatError): string {
  return `${JSON.stringify({ error: { code, message } })}\n`;
}
