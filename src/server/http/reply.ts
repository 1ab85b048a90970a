import { HzstatError } from '../../base/errors.ts';
import { log } from '../../base/log.ts';
import type { AnswerHead, Exchange, Headers } from '../engine/engine.ts';
import { errorBody, headersOfStatus, JSON_TYPE, statusOf } from './error_answer.ts';
import { securityHeaders } from './security_headers.ts';

/** How long a client may take to send a body. */
const LONGEST_BODY_MS = 20_000;
/** How much of an unwanted body is read and discarded before the connection is cut. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/** A client that takes nothing of a long answer for so long is given up, and its turn goes to others. */
const LONGEST_STALL_MS = 60_000;

/**
 * An answer under way. An exchange whose client has gone must not be touched, so every answer goes through here,
 * which knows.
 */
export class Reply {
  /** Aborts when the client goes away before it was answered. */
  readonly signal: AbortSignal;
  readonly #exchange: Exchange;
  readonly #headers: (readonly [name: string, value: string])[] = [];
  #over = false;
  #closes = false;
  /** Of a page that is not the dashboard. */
  #policy: string | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    const abort = new AbortController();
    this.signal = abort.signal;
    exchange.onAborted(() => {
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
    this.#exchange.respond(this.#head(status, contentType), body);
  }

  /**
   * Answers with what comes in pieces, as fast as the client takes them. When the pieces end with an error the
   * connection is cut, so that nobody takes a part for the whole; when the client goes away the pieces are let go.
   *
   * @throws whatever the pieces end with before the first of them, which can still be answered as an error
   */
  async stream(status: number, contentType: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const iterator = pieces[Symbol.asyncIterator]();
    let piece = await iterator.next();
    if (this.#over) {
      await iterator.return?.();
      return;
    }
    const body = this.#exchange.begin(this.#head(status, contentType));
    const gone = new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      for (; piece.done !== true; piece = await iterator.next()) {
        await withinStall(Promise.race([body.write(piece.value), gone]));
        if (this.#over) {
          await iterator.return?.();
          return;
        }
      }
      if (this.#over) return;
      this.#over = true;
      body.finish();
    } catch (error) {
      await iterator.return?.();
      if (this.#over) return;
      this.#over = true;
      body.cut();
      if (!(error instanceof HzstatError)) logFailure(error);
    }
  }

  /** An answer that is all in its status and headers. */
  empty(status: number): void {
    this.send(status, '', '');
  }

  page(html: string, status = 200, policy?: string): void {
    this.#policy = policy;
    this.send(status, 'text/html; charset=utf-8', html);
  }

  json(status: number, value: unknown): void {
    this.send(status, JSON_TYPE, `${JSON.stringify(value)}\n`);
  }

  /**
   * Any failure as `{"error":{"code","message"}}` with the status that fits its code. What is not meant for clients
   * goes to the log instead: it may tell of files and code.
   */
  error(error: unknown): void {
    if (!(error instanceof HzstatError)) {
      logFailure(error);
      this.error(new HzstatError('INTERNAL', 'the server failed; its log says more'));
      return;
    }
    const status = statusOf(error.code);
    this.add(headersOfStatus(status));
    this.send(status, JSON_TYPE, errorBody(error));
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
      this.#exchange.onBody((chunk, isLast) => {
        length += chunk.byteLength;
        // The engine takes the chunk's memory back when this function returns.
        if (length <= mostBytes) chunks.push(Buffer.from(chunk));
        else chunks = [];
        const isEndless = length > MOST_DISCARDED_BYTES;
        if (!isLast && !isEndless) return;
        clearTimeout(patience);
        if (isEndless) this.closeAfter();
        resolve(length <= mostBytes ? Buffer.concat(chunks) : undefined);
      });
    });
  }

  #head(status: number, contentType: string): AnswerHead {
    const headers = [...securityHeaders(contentType, this.#policy), ...this.#headers];
    if (contentType !== '') headers.push(['Content-Type', contentType]);
    return { status, headers, closes: this.#closes };
  }
}

/** @throws HzstatError REQUEST_TIMEOUT when a client takes no more */
async function withinStall(written: Promise<unknown>): Promise<void> {
  let impatience: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => {
      reject(new HzstatError('REQUEST_TIMEOUT', `nothing was read for ${LONGEST_STALL_MS / 1_000} s`));
    }, LONGEST_STALL_MS);
  });
  try {
    await Promise.race([written, stalled]);
  } finally {
    clearTimeout(impatience);
  }
}

function logFailure(error: unknown): void {
  log.error(`a request failed: ${error instanceof Error ? error.stack : error}`);
}
