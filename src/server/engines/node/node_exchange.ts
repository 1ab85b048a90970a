import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerBody, AnswerHead, Exchange } from '../../engine/engine.ts';
import { LONGEST_STALL_MS } from '../../engine/limits.ts';

/** Where the bytes of a body come from. */
export type BodySource = (handler: (chunk: Uint8Array, isLast: boolean) => void) => void;

/** A request of Node's HTTP server. */
export class NodeExchange implements Exchange {
  readonly method: string;
  readonly version: string;
  readonly path: string;
  readonly query: string;
  readonly address: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #body: BodySource;

  /** @param body where it does not come from the request itself */
  constructor(request: IncomingMessage, response: ServerResponse, body?: BodySource) {
    const { method = '', url = '', socket } = request;
    const queryAt = url.indexOf('?');
    this.method = method;
    this.version = request.httpVersion;
    this.path = queryAt < 0 ? url : url.slice(0, queryAt);
    this.query = queryAt < 0 ? '' : url.slice(queryAt + 1);
    this.address = socket.remoteAddress ?? '';
    this.#request = request;
    this.#response = response;
    this.#body = body ?? ((handler) => readBody(request, handler));
    // The client may go away at any moment; `close` says so.
    response.on('error', () => {});
  }

  forEachHeader(visit: (name: string, value: string) => void): void {
    const { rawHeaders } = this.#request;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2)
      visit(rawHeaders[i]!.toLowerCase(), rawHeaders[i + 1]!);
  }

  onAborted(handler: () => void): void {
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) handler();
    });
  }

  onBody(handler: (chunk: Uint8Array, isLast: boolean) => void): void {
    this.#body(handler);
  }

  respond(head: AnswerHead, body: string | Uint8Array): void {
    // The answer to a HEAD request carries the length of the omitted body, which Node leaves out.
    if (this.method === 'HEAD') this.#response.setHeader('Content-Length', Buffer.byteLength(body));
    this.#writeHead(head);
    this.#response.end(body);
  }

  begin(head: AnswerHead): AnswerBody {
    const response = this.#response;
    this.#writeHead(head);
    return {
      write(chunk) {
        if (response.write(chunk)) return Promise.resolve();
        return new Promise((resolve) => {
          response.once('drain', resolve);
        });
      },
      finish: () => void response.end(),
      cut: () => void response.destroy(),
    };
  }

  #writeHead({ status, headers, closes }: AnswerHead): void {
    const response = this.#response;
    response.statusCode = status;
    for (const [name, value] of headers) response.appendHeader(name, value);
    if (closes) response.shouldKeepAlive = false;
    response.socket?.setTimeout(LONGEST_STALL_MS);
  }
}

function readBody(request: IncomingMessage, handler: (chunk: Uint8Array, isLast: boolean) => void): void {
  request.on('data', (chunk: Buffer) => handler(chunk, false));
  request.once('end', () => handler(new Uint8Array(), true));
}
