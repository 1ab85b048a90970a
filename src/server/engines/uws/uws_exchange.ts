import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type {
  AnswerBody,
  AnswerHead,
  EngineSocket,
  Exchange,
  SocketListener,
  Upgrade,
} from '../../engine/engine.ts';
import { UwsBody } from './uws_body.ts';
import type { SocketData } from './uws_engine.ts';

type UpgradeContext = Parameters<HttpResponse['upgrade']>[4];

/** A request of uWebSockets.js, whose own request object lasts for one call only. */
export class UwsExchange implements Exchange {
  readonly method: string;
  /** The library takes no other. */
  readonly version = '1.1';
  readonly path: string;
  readonly query: string;
  readonly address: string;
  protected readonly request: HttpRequest;
  protected readonly response: HttpResponse;
  #aborted = (): void => {};
  #body: UwsBody | undefined;

  /** @param isBehindFront whether the client's address is the one the TLS front tells */
  constructor(response: HttpResponse, request: HttpRequest, isBehindFront: boolean) {
    this.request = request;
    this.response = response;
    this.method = request.getMethod().toUpperCase();
    this.path = request.getUrl();
    this.query = request.getQuery() ?? '';
    const address = isBehindFront
      ? response.getProxiedRemoteAddressAsText()
      : response.getRemoteAddressAsText();
    this.address = Buffer.from(address).toString('latin1');
    // The library wants this handler at once, even if nobody asks for it later.
    response.onAborted(() => {
      this.#body?.aborted();
      this.#aborted();
    });
  }

  forEachHeader(visit: (name: string, value: string) => void): void {
    this.request.forEach(visit);
  }

  onAborted(handler: () => void): void {
    this.#aborted = handler;
  }

  onBody(handler: (chunk: Uint8Array, isLast: boolean) => void): void {
    this.response.onData((chunk, isLast) => handler(new Uint8Array(chunk), isLast));
  }

  respond(head: AnswerHead, body: string | Uint8Array): void {
    this.response.cork(() => {
      this.#writeHead(head);
      if (this.method === 'HEAD') this.response.endWithoutBody(Buffer.byteLength(body), head.closes);
      else this.response.end(body, head.closes);
    });
  }

  begin(head: AnswerHead): AnswerBody {
    const { response } = this;
    response.cork(() => this.#writeHead(head));
    this.#body = new UwsBody(response, head.closes);
    return this.#body;
  }

  #writeHead({ status, headers }: AnswerHead): void {
    this.response.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
    for (const [name, value] of headers) this.response.writeHeader(name, value);
  }
}

/** A handshake of uWebSockets.js. */
export class UwsUpgrade extends UwsExchange implements Upgrade {
  readonly #context: UpgradeContext;

  constructor(response: HttpResponse, request: HttpRequest, context: UpgradeContext, isBehindFront: boolean) {
    super(response, request, isBehindFront);
    this.#context = context;
  }

  accept(protocol: string, open: (socket: EngineSocket) => SocketListener): void {
    this.response.upgrade<SocketData>(
      { open },
      this.request.getHeader('sec-websocket-key'),
      protocol,
      this.request.getHeader('sec-websocket-extensions'),
      this.#context,
    );
  }
}
