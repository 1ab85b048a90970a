import type { HttpRequest, HttpResponse, TemplatedApp, WebSocket } from 'uWebSockets.js';
import { CLOSE_CODES, MOST_MESSAGE_BYTES } from '../wire/close_codes.ts';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { type HelloFrame, PROTOCOL_VERSION } from '../wire/frames.ts';
import { Allowance } from './allowance.ts';
import type { Door } from './door.ts';
import { encode } from './encoded_frame.ts';
import type { Engine } from './engine.ts';
import { Reply } from './http.ts';
import type { Peer } from './peer.ts';
import { collectorStatuses, type StreamSource } from './source.ts';
import { StreamClient } from './stream_client.ts';
import { parseSubscription, type Subscription, subscriptionKey } from './subscription.ts';
import { Topic } from './topic.ts';

/** The engine cuts what is larger without a word; up to here there is a close code that says why. */
const MOST_MESSAGE_BYTES_READ = 4 * MOST_MESSAGE_BYTES;
/** A client that neither reads nor answers pings for so long is gone. */
const IDLE_TIMEOUT_S = 60;
/** Messages a client may send: a second, or at once. */
const MESSAGES_PER_SECOND = 10;
const MESSAGES_AT_ONCE = 50;

/** What a connection is from its upgrade on. */
interface ClientData {
  readonly subscription: Subscription;
  readonly peer: Peer;
  readonly messages: Allowance;
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
  readonly #door: Door;
  readonly #topics = new Map<string, Topic>();

  constructor(sources: SocketSources, door: Door) {
    this.#sources = sources;
    this.#door = door;
  }

  /** Takes the upgrades of `/stream`. */
  attach(app: TemplatedApp, engine: Engine): void {
    app.ws<ClientData>('/stream', {
      maxPayloadLength: MOST_MESSAGE_BYTES_READ,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      compression: engine.DISABLED,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (socket) => this.#opened(socket),
      message: (socket, message) => this.#received(socket, message),
      ping: (socket, message) => this.#received(socket, message),
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
      for (const client of [...topic.clients])
        client.end(CLOSE_CODES.goingAway, 'the server is shutting down');
    }
  }

  #upgrade(
    response: HttpResponse,
    request: HttpRequest,
    context: Parameters<HttpResponse['upgrade']>[4],
  ): void {
    const reply = new Reply(response);
    try {
      const visitor = this.#door.admit(reply, response, request);
      if (visitor === undefined) return;
      const { head, peer } = visitor;
      const subscription = parseSubscription(new URLSearchParams(head.query), this.#sources.source);
      this.#door.limits.streamOpened(peer);
      const messages = new Allowance(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE);
      response.upgrade<ClientData>(
        { subscription, peer, messages },
        head.header('sec-websocket-key'),
        head.header('sec-websocket-protocol'),
        head.header('sec-websocket-extensions'),
        context,
      );
    } catch (error) {
      reply.error(error);
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

  /** A client that sends too much is let go, and told why. */
  #received(socket: WebSocket<ClientData>, message: ArrayBuffer): void {
    const { client, messages } = socket.getUserData();
    if (message.byteLength > MOST_MESSAGE_BYTES) {
      client?.end(CLOSE_CODES.messageTooBig, `a message may have ${MOST_MESSAGE_BYTES} bytes`);
    } else if (!messages.take(performance.now())) {
      client?.end(CLOSE_CODES.tooManyMessages, `more than ${MESSAGES_PER_SECOND} messages a second`);
    }
  }

  #closed(socket: WebSocket<ClientData>): void {
    const { client, peer, subscription } = socket.getUserData();
    this.#door.limits.streamClosed(peer);
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
