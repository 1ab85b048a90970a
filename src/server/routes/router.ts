import { HzstatError } from '../../base/errors.ts';
import type { Door } from '../access/door.ts';
import type { Exchange } from '../engine/engine.ts';
import { AnswerLine } from '../http/answer_line.ts';
import { Reply } from '../http/reply.ts';
import type { RequestHead } from '../http/request_head.ts';

/** Answers a request, at once or later. */
export type Handler = (reply: Reply, head: RequestHead) => void | Promise<void>;

/** Answers a request for one of many things; `name` is what stands in the path behind the last slash. */
export type NamedHandler = (reply: Reply, name: string) => void | Promise<void>;

type Method = 'GET' | 'POST' | 'PATCH';

/** A path that knows one method; the hint tells those who come with another. */
interface Route {
  readonly method: Method;
  readonly hint: string;
  readonly handler: Handler;
}

/** The way every HTTP request takes: first through the door, and whatever a handler throws becomes an answer. */
export class Router {
  readonly #door: Door;
  readonly #line = new AnswerLine();
  readonly #routes = new Map<string, Route>();
  /** Routes of paths that end with a name, by what comes before it. */
  readonly #named = new Map<string, Route>();

  constructor(door: Door) {
    this.#door = door;
  }

  /** HEAD is answered as GET is, without the body. */
  get(path: string, handler: Handler): void {
    this.#routes.set(path, { method: 'GET', hint: `${path} can be read with GET`, handler });
  }

  post(path: string, handler: Handler, hint: string): void {
    this.#routes.set(path, { method: 'POST', hint, handler });
  }

  /** @param directory such as `/incidents/`: the name stands behind it */
  getNamed(directory: string, handler: NamedHandler): void {
    const hint = `${directory}… can be read with GET`;
    this.#named.set(directory, {
      method: 'GET',
      hint,
      handler: (reply, { path }) => handler(reply, nameIn(path)),
    });
  }

  /** @param directory such as `/collectors/`: the name stands behind it */
  patchNamed(directory: string, handler: NamedHandler, hint: string): void {
    this.#named.set(directory, {
      method: 'PATCH',
      hint,
      handler: (reply, { path }) => handler(reply, nameIn(path)),
    });
  }

  handle(exchange: Exchange): void {
    const reply = new Reply(exchange);
    try {
      const visitor = this.#door.admit(reply, exchange);
      if (visitor === undefined) return;
      const { head } = visitor;
      const handler = this.#handlerFor(head);
      // A body must be taken in at once; and whether the server is well is asked just when it has much to do.
      const isUrgent = !isRead(head.method) || head.path === '/health';
      const refuse = refusalOf(reply, exchange);
      this.#line.answer(() => run(handler, reply, head, refuse), isUrgent);
    } catch (error) {
      refusalOf(reply, exchange)(error);
    }
  }

  /** @throws HzstatError NOT_FOUND, METHOD_NOT_ALLOWED */
  #handlerFor({ method, path }: RequestHead): Handler {
    const route = this.#routes.get(path) ?? this.#named.get(path.slice(0, path.lastIndexOf('/') + 1));
    if (route === undefined) throw new HzstatError('NOT_FOUND', `there is nothing at ${path}`);
    if (method === route.method || (isRead(method) && route.method === 'GET')) return route.handler;
    throw new HzstatError('METHOD_NOT_ALLOWED', `${route.hint}; ${method} does nothing here`);
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function run(handler: Handler, reply: Reply, head: RequestHead, refuse: (error: unknown) => void): void {
  try {
    const running = handler(reply, head);
    if (running !== undefined) running.catch((error: unknown) => reply.error(error));
  } catch (error) {
    refuse(error);
  }
}

/** How to answer with an error: with the body out of the way, if one comes along. */
function refusalOf(reply: Reply, exchange: Exchange): (error: unknown) => void {
  return announcesBody(exchange) ? (error) => reply.refuseBody(error) : (error) => reply.error(error);
}

function nameIn(path: string): string {
  const text = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function announcesBody(exchange: Exchange): boolean {
  let announces = false;
  exchange.forEachHeader((name, value) => {
    announces ||= name === 'transfer-encoding' || (name === 'content-length' && Number(value) > 0);
  });
  return announces;
}
