import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { HzstatError } from '../shared/errors.ts';
import type { Door } from './door.ts';
import { Reply } from './http.ts';

/** Answers a request, at once or later; the request itself may be read only until the first `await`. */
export type Handler = (reply: Reply, request: HttpRequest) => void | Promise<void>;

type Method = 'get' | 'post' | 'patch';

/** The way every HTTP request takes: first through the door, and whatever a handler throws becomes an answer. */
export class Router {
  readonly #app: TemplatedApp;
  readonly #door: Door;

  constructor(app: TemplatedApp, door: Door) {
    this.#app = app;
    this.#door = door;
  }

  get(path: string, handler: Handler): void {
    this.#only('get', path, handler, `${path} can be read with GET`);
  }

  post(path: string, handler: Handler, hint: string): void {
    this.#only('post', path, handler, hint);
  }

  patch(path: string, handler: Handler, hint: string): void {
    this.#only('patch', path, handler, hint);
  }

  /** Whatever no other route took. To be called last. */
  otherwise(handler: Handler): void {
    this.#app.any('/*', (response, request) => this.#handle(response, request, handler));
  }

  /** A path that knows one method; the hint tells those who come with another. */
  #only(method: Method, path: string, handler: Handler, hint: string): void {
    this.#app[method](path, (response, request) => this.#handle(response, request, handler));
    this.#app.any(path, (response, request) => {
      const other = request.getMethod().toUpperCase();
      this.#handle(response, request, () => {
        throw new HzstatError('METHOD_NOT_ALLOWED', `${hint}; ${other} does nothing here`);
      });
    });
  }

  #handle(response: HttpResponse, request: HttpRequest, handler: Handler): void {
    const reply = new Reply(response);
    try {
      if (this.#door.admit(reply, response, request) === undefined) return;
      const running = handler(reply, request);
      if (running !== undefined) running.catch((error: unknown) => reply.error(error));
    } catch (error) {
      if (announcesBody(request)) reply.refuseBody(error);
      else reply.error(error);
    }
  }
}

function announcesBody(request: HttpRequest): boolean {
  return Number(request.getHeader('content-length')) > 0 || request.getHeader('transfer-encoding') !== '';
}
