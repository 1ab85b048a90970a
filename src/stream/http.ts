import type { HttpResponse } from 'uWebSockets.js';
import { type ErrorCode, errorCode, errorMessage, HzstatError } from '../shared/errors.ts';
import { SECURITY_HEADERS } from './security_headers.ts';

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: '200 OK',
  400: '400 Bad Request',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  408: '408 Request Timeout',
  413: '413 Content Too Large',
  426: '426 Upgrade Required',
  415: '415 Unsupported Media Type',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
};

const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  COLLECTOR_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UPGRADE_REQUIRED: 426,
  QUERY_REFUSED: 403,
  QUERY_INVALID: 400,
  QUERY_TIMEOUT: 408,
  QUERY_OUT_OF_MEMORY: 413,
  HISTORY_DISABLED: 404,
  HISTORY_UNAVAILABLE: 503,
  NO_SNAPSHOT_YET: 503,
  SHUTTING_DOWN: 503,
};

/**
 * An answer under way. The engine forbids touching a response whose client has gone, so every answer goes
 * through here, which knows.
 */
export class Reply {
  /** Aborts when the client goes away before it was answered. */
  readonly signal: AbortSignal;
  readonly #response: HttpResponse;
  #over = false;

  constructor(response: HttpResponse) {
    this.#response = response;
    const abort = new AbortController();
    this.signal = abort.signal;
    response.onAborted(() => {
      this.#over = true;
      abort.abort();
    });
  }

  send(status: number, contentType: string, body: string | Uint8Array): void {
    if (this.#over) return;
    this.#over = true;
    const response = this.#response;
    response.cork(() => {
      response.writeStatus(STATUS_TEXT[status] ?? `${status} Unknown`);
      for (const [name, value] of SECURITY_HEADERS) response.writeHeader(name, value);
      response.writeHeader('Content-Type', contentType);
      response.end(body);
    });
  }

  json(status: number, value: unknown): void {
    this.send(status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
  }

  /** Any failure as `{"error":{"code","message"}}` with the status that fits its code. */
  error(error: unknown): void {
    const code = error instanceof HzstatError ? error.code : 'INTERNAL';
    const status = STATUS_OF_CODE[errorCode(error, 'INTERNAL')] ?? 500;
    this.json(status, { error: { code, message: errorMessage(error) } });
  }

  /**
   * The whole body as text.
   *
   * @throws HzstatError BODY_TOO_LARGE
   */
  body(mostBytes: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      this.#response.onData((chunk, isLast) => {
        length += chunk.byteLength;
        if (length > mostBytes) {
          reject(new HzstatError('BODY_TOO_LARGE', `the body is larger than ${mostBytes} bytes`));
          return;
        }
        // The engine takes the chunk's memory back when this function returns.
        chunks.push(Buffer.from(chunk.slice(0)));
        if (isLast) resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
  }
}
