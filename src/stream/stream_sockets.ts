import type { HttpRequest, HttpResponse, TemplatedApp, WebSocket } from 'uWebSockets.js';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { type HelloFrame, PROTOCOL_VERSION } from '../wire/frames.ts';
import { type Access, credentialsOf } from './access.ts';
import { encode } from './encoded_frame.ts';
import type { Engine } from './engine.ts';
import { Reply } from './http.ts';
import { collectorStatuses, type StreamSource } from './source.ts';
import { CLOSE_GOING_AWAY, StreamClient } from './stream_client.ts';
import { parseSubscription, type Subscription, subscriptionKey } from './subscription.ts';
import { Topic } from './topic.ts';

const MOST_MESSAGE_BYTES = 16 * 1024;
const IDLE_TIMEOUT_S = 60;

/** What a connection is from its upgrade on. */
interface ClientData {
  readonly subscription: Subscription;
  client?: StreamClient;
}

/** What every client is told first, and what it may subscribe to. */
export interface SocketSources {
  readonly source: StreamSource;
  readonly version: string;
  readonly hostname: string;
}

/** The WebSocket side: who is connected, and what each of them is sent. */
export class StreamSockets {
  readonly #sources: SocketSources;
  readonly #access: Access;
  readonly #topics = new Map<string, Topic>();

  constructor(sources: SocketSources, access: Access) {
    this.#sources = sources;
    this.#access = access;
  }

  /** Takes the upgrades of `/stream`. */
  attach(app: TemplatedApp, engine: Engine): void {
    app.ws<ClientData>('/stream', {
      maxPayloadLength: MOST_MESSAGE_BYTES,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      compression: engine.DISABLED,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (socket) => this.#opened(socket),
      drain: (socket) => socket.getUserData().client?.drained(),
      close: (socket) => this.#closed(socket),
    });
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    for (const topic of this.#topics.values()) {
      const frames = topic.frames(snapshots);
      for (const client of topic.clients) client.send(frames);
    }
  }

  /** Tells every client that the server ends. */
  close(): void {
    for (const topic of this.#topics.values()) {
      for (const client of [...topic.clients]) client.end(CLOSE_GOING_AWAY, 'the server is shutting down');
    }
  }

  #upgrade(
    response: HttpResponse,
    request: HttpRequest,
    context: Parameters<HttpResponse['upgrade']>[4],
  ): void {
    try {
      this.#access.check(credentialsOf(request));
      const subscription = parseSubscription(new URLSearchParams(request.getQuery()), this.#sources.source);
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
    const { source, version, hostname } = this.#sources;
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
