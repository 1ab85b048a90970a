import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, WebSocket } from 'uWebSockets.js';
import { HzstatError } from '../shared/errors.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { encodeFrame } from '../wire/codec.ts';
import { type HelloFrame, PROTOCOL_VERSION } from '../wire/frames.ts';
import { Access, type Credentials } from './access.ts';
import { encode } from './encoded_frame.ts';
import { type Engine, EXCLUSIVE_PORT, loadEngine } from './engine.ts';
import { healthOf } from './health.ts';
import { Reply } from './http.ts';
import { collectorStatuses, type QueryFormat, type QueryService, type StreamSource } from './source.ts';
import { CLOSE_GOING_AWAY, StreamClient } from './stream_client.ts';
import { parseSubscription, type Subscription, subscriptionKey } from './subscription.ts';
import { Topic } from './topic.ts';

const MOST_BODY_BYTES = 16 * 1024;
const MOST_QUERY_BYTES = 64 * 1024;
const MOST_MESSAGE_BYTES = 16 * 1024;
const IDLE_TIMEOUT_S = 60;

export interface StreamServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly source: StreamSource;
  /** Absent when nothing is recorded. */
  readonly history?: QueryService | undefined;
  readonly version: string;
  readonly hostname: string;
}

/** What a connection is from its upgrade on. */
interface ClientData {
  readonly subscription: Subscription;
  client?: StreamClient;
}

const CONTENT_TYPES: Readonly<Record<QueryFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

type Handler = (reply: Reply, request: HttpRequest) => void | Promise<void>;

/** WebSocket and HTTP on one port. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #engine: Engine;
  readonly #app: TemplatedApp;
  readonly #access: Access;
  readonly #topics = new Map<string, Topic>();
  #listenSocket: us_listen_socket | undefined;

  /** @throws HzstatError ENGINE_UNAVAILABLE, PORT_UNAVAILABLE */
  static async start(options: StreamServerOptions): Promise<StreamServer> {
    const server = new StreamServer(options, await loadEngine());
    await server.#listen();
    return server;
  }

  private constructor(options: StreamServerOptions, engine: Engine) {
    this.#options = options;
    this.#engine = engine;
    this.#access = new Access(options.listen.host);
    this.#app = engine.App();
    this.#routes();
  }

  /** The port listened on: the one asked for, or the one the system chose for port 0. */
  get port(): number {
    return this.#listenSocket === undefined ? 0 : this.#engine.us_socket_local_port(this.#listenSocket);
  }

  /** Sends snapshots to everybody who wants them. The full frame of each is made at most once. */
  publish(snapshots: readonly Snapshot[], full = fullFrames(snapshots)): void {
    for (const topic of this.#topics.values()) {
      const frames = topic.frames(snapshots, full);
      for (const client of topic.clients) client.send(frames);
    }
  }

  /** Tells every client that the server ends, and stops listening. */
  close(): void {
    for (const topic of this.#topics.values()) {
      for (const client of [...topic.clients]) client.end(CLOSE_GOING_AWAY, 'the server is shutting down');
    }
    this.#app.close();
    this.#listenSocket = undefined;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      const listened = (socket: us_listen_socket | false): void => {
        if (socket !== false) {
          this.#listenSocket = socket;
          resolve();
          return;
        }
        const message = `cannot listen on ${host}:${port}: the port is taken or the address is not this machine's; choose another with --listen`;
        reject(new HzstatError('PORT_UNAVAILABLE', message));
      };
      // The engine takes host, port and options together, though its types do not say so.
      Reflect.apply(this.#app.listen, this.#app, [host, port, EXCLUSIVE_PORT, listened]);
    });
  }

  #routes(): void {
    const { source } = this.#options;
    this.#app.ws<ClientData>('/stream', {
      maxPayloadLength: MOST_MESSAGE_BYTES,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      compression: this.#engine.DISABLED,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (socket) => this.#opened(socket),
      drain: (socket) => socket.getUserData().client?.drained(),
      close: (socket) => this.#closed(socket),
    });
    this.#get('/stream', () => {
      throw new HzstatError('UPGRADE_REQUIRED', 'this is a WebSocket: connect with ws:// or "hzstat stream"');
    });
    this.#get('/snapshot', (reply) => {
      if (source.latest === undefined) {
        throw new HzstatError('NO_SNAPSHOT_YET', 'there is no snapshot yet; ask again in a moment');
      }
      reply.json(200, source.latest);
    });
    this.#get('/collectors', (reply) => reply.json(200, { collectors: collectorStatuses(source) }));
    this.#get('/health', (reply) => {
      const health = healthOf(source);
      const { history } = this.#options;
      reply.json(health.status === 'ok' ? 200 : 503, {
        ...health,
        history: history?.status ?? { state: 'off' },
      });
    });
    this.#app.patch('/collectors/:name', (response, request) => {
      const name = request.getParameter(0);
      this.#handle(response, request, (reply) => this.#switchCollector(reply, name));
    });
    this.#app.post('/query', (response, request) => {
      const accept = request.getHeader('accept');
      this.#handle(response, request, (reply) => this.#query(reply, accept));
    });
    this.#app.any('/query', (response, request) => {
      this.#handle(response, request, () => {
        throw new HzstatError('METHOD_NOT_ALLOWED', 'send the SQL as the body of a POST to /query');
      });
    });
    this.#app.any('/*', (response, request) => {
      const path = request.getUrl();
      this.#handle(response, request, () => {
        throw new HzstatError('NOT_FOUND', `there is nothing at ${path}`);
      });
    });
  }

  #get(path: string, handler: Handler): void {
    this.#app.get(path, (response, request) => this.#handle(response, request, handler));
    this.#app.any(path, (response, request) => {
      const method = request.getMethod().toUpperCase();
      this.#handle(response, request, () => {
        throw new HzstatError(
          'METHOD_NOT_ALLOWED',
          `${path} can be read with GET; ${method} does nothing here`,
        );
      });
    });
  }

  /** Runs a handler for those who have access; whatever it throws becomes an answer. */
  #handle(response: HttpResponse, request: HttpRequest, handler: Handler): void {
    const reply = new Reply(response);
    try {
      this.#access.check(credentialsOf(request));
      const running = handler(reply, request);
      if (running !== undefined) running.catch((error: unknown) => reply.error(error));
    } catch (error) {
      reply.error(error);
    }
  }

  async #switchCollector(reply: Reply, name: string): Promise<void> {
    const enabled = enabledIn(await reply.body(MOST_BODY_BYTES));
    const { source } = this.#options;
    source.setEnabled(name, enabled);
    reply.json(
      200,
      collectorStatuses(source).find((collector) => collector.name === name),
    );
  }

  async #query(reply: Reply, accept: string): Promise<void> {
    const { history } = this.#options;
    if (history === undefined) {
      throw new HzstatError(
        'HISTORY_DISABLED',
        'nothing is recorded here: hzstat was started with --no-history',
      );
    }
    const format = formatOf(accept);
    const sql = await reply.body(MOST_QUERY_BYTES);
    reply.send(200, CONTENT_TYPES[format], await history.query(sql, format, reply.signal));
  }

  #upgrade(
    response: HttpResponse,
    request: HttpRequest,
    context: Parameters<HttpResponse['upgrade']>[4],
  ): void {
    try {
      this.#access.check(credentialsOf(request));
      const subscription = parseSubscription(new URLSearchParams(request.getQuery()), this.#options.source);
      response.upgrade<ClientData>(
        { subscription },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    } catch (error) {
      new Reply(response).error(error);
    }
  }

  #opened(socket: WebSocket<ClientData>): void {
    const data = socket.getUserData();
    const { subscription } = data;
    const client = new StreamClient(socket, subscription.format);
    data.client = client;
    client.send([encode(this.#hello(subscription), subscription.format)]);
    const key = subscriptionKey(subscription);
    let topic = this.#topics.get(key);
    if (topic === undefined) {
      topic = new Topic(subscription);
      this.#topics.set(key, topic);
    }
    topic.clients.add(client);
  }

  #closed(socket: WebSocket<ClientData>): void {
    const { client, subscription } = socket.getUserData();
    if (client === undefined) return;
    client.closed();
    const key = subscriptionKey(subscription);
    const topic = this.#topics.get(key);
    topic?.clients.delete(client);
    if (topic?.clients.size === 0) this.#topics.delete(key);
  }

  #hello(subscription: Subscription): HelloFrame {
    const { source, version, hostname } = this.#options;
    return {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      version,
      hostname,
      interval_ms: source.intervalMs * subscription.everyTicks,
      collectors: collectorStatuses(source).filter(
        ({ name }) => subscription.collectors === undefined || subscription.collectors.includes(name),
      ),
    };
  }
}

function formatOf(accept: string): QueryFormat {
  if (accept.includes('text/csv')) return 'csv';
  return accept.includes('parquet') ? 'parquet' : 'json';
}

function credentialsOf(request: HttpRequest): Credentials {
  return { host: request.getHeader('host'), origin: request.getHeader('origin') };
}

function fullFrames(snapshots: readonly Snapshot[]): (index: number) => Uint8Array {
  const frames: (Uint8Array | undefined)[] = [];
  return (index) => {
    frames[index] ??= encodeFrame(snapshots[index]!);
    return frames[index];
  };
}

/** @throws HzstatError BAD_REQUEST unless the body is `{"enabled": true}` or `{"enabled": false}` */
function enabledIn(body: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', 'the body is not JSON; send {"enabled": true} or false', { cause });
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    'enabled' in value &&
    typeof value.enabled === 'boolean'
  ) {
    return value.enabled;
  }
  throw new HzstatError('BAD_REQUEST', 'send {"enabled": true} or {"enabled": false}');
}
