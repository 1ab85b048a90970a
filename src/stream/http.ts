import type { HttpResponse } from 'uWebSockets.js';
import { type ErrorCode, HzstatError } from '../shared/errors.ts';
import { type Headers, securityHeaders } from './security_headers.ts';

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: '200 OK',
  204: '204 No Content',
  303: '303 See Other',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  408: '408 Request Timeout',
  413: '413 Content Too Large',
  415: '415 Unsupported Media Type',
  426: '426 Upgrade Required',
  429: '429 Too Many Requests',
  431: '431 Request Header Fields Too Large',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
};

const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  COLLECTOR_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  BODY_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
  TOO_MANY_REQUESTS: 429,
  TOO_MANY_STREAMS: 429,
  TOO_MANY_CONNECTIONS: 503,
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

/** How long a client may take to send a body. */
const LONGEST_BODY_MS = 20_000;
/** Of a body that is not wanted so much is read and thrown away before the connection is cut. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/**
 * An answer under way. The engine forbids touching a response whose client has gone, so every answer goes
 * through here, which knows.
 */
export class Reply {
  /** Aborts when the client goes away before it was answered. */
  readonly signal: AbortSignal;
  readonly #response: HttpResponse;
  readonly #headers: (readonly [string, string])[] = [];
  #over = false;
  #closes = false;

  constructor(response: HttpResponse) {
    this.#response = response;
    const abort = new AbortController();
    this.signal = abort.signal;
    response.onAborted(() => {
      this.#over = true;
      abort.abort();
    });
  }

  /** Adds headers to the answer, whatever it will be. */
  add(headers: Headers): void {
    this.#headers.push(...headers);
  }

  /** Has the connection closed once the answer is sent. */
  closeAfter(): void {
    this.#closes = true;
  }

  send(status: number, contentType: string, body: string | Uint8Array): void {
    if (this.#over) return;
    this.#over = true;
    const response = this.#response;
    response.cork(() => {
      response.writeStatus(STATUS_TEXT[status] ?? `${status} Unknown`);
      for (const [name, value] of securityHeaders(contentType)) response.writeHeader(name, value);
      for (const [name, value] of this.#headers) response.writeHeader(name, value);
      if (contentType !== '') response.writeHeader('Content-Type', contentType);
      response.end(body, this.#closes);
    });
  }

  /** An answer that is all in its status and headers. */
  empty(status: number): void {
    this.send(status, '', '');
  }

  page(html: string): void {
    this.send(200, 'text/html; charset=utf-8', html);
  }

  json(status: number, value: unknown): void {
    this.send(status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
  }

  /**
   * Any failure as `{"error":{"code","message"}}` with the status that fits its code. What is not meant for clients
   * goes to the log instead: it may tell of files and code.
   */
  error(error: unknown): void {
    if (!(error instanceof HzstatError)) {
      process.stderr.write(`hzstat: a request failed: ${error instanceof Error ? error.stack : error}\n`);
      this.error(new HzstatError('INTERNAL', 'the server failed; its log says more'));
      return;
    }
    const { code, message } = error;
    const status = STATUS_OF_CODE[code] ?? 500;
    this.add(HEADERS_OF_STATUS[status] ?? []);
    this.json(status, { error: { code, message } });
  }

  /**
   * The whole body as text.
   *
   * @throws HzstatError BODY_TOO_LARGE, BODY_TIMEOUT
   */
  async body(mostBytes: number): Promise<string> {
    const body = await this.#receive(mostBytes);
    if (body !== undefined) return body.toString('utf8');
    throw new HzstatError('BODY_TOO_LARGE', `the body is larger than ${mostBytes} bytes`);
  }

  /** Answers with an error once the body that comes along is out of the way. */
  refuseBody(error: unknown): void {
    this.#receive(0).then(
      () => this.error(error),
      () => this.error(error),
    );
  }

  /**
   * The body, or undefined when it is larger than that. Even so it is read to its end within reason: a client that
   * is cut off while it sends does not get to see the answer.
   */
  #receive(mostBytes: number): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      let chunks: Buffer[] = [];
      let length = 0;
      const patience = setTimeout(() => {
        this.closeAfter();
        reject(new HzstatError('BODY_TIMEOUT', `the body did not come within ${LONGEST_BODY_MS / 1_000} s`));
      }, LONGEST_BODY_MS);
      this.signal.addEventListener('abort', () => clearTimeout(patience));
      this.#response.onData((chunk, isLast) => {
        length += chunk.byteLength;
        // The engine takes the chunk's memory back when this function returns.
        if (length <= mostBytes) chunks.push(Buffer.from(chunk.slice(0)));
        else chunks = [];
        const isEndless = length > MOST_DISCARDED_BYTES;
        if (!isLast && !isEndless) return;
        clearTimeout(patience);
        if (isEndless) this.closeAfter();
        resolve(length <= mostBytes ? Buffer.concat(chunks) : undefined);
      });
    });
  }
}
