import type { HttpRequest, HttpResponse, TemplatedApp, WebSocket } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import { HzstatError } from '../shared/errors.ts';
import { CLOSE_CODES, MOST_MESSAGE_BYTES } from '../wire/close_codes.ts';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import type { ErrorFrame } from '../wire/frames.ts';
import { agreedProtocol } from '../wire/token_protocol.ts';
import { Allowance } from './allowance.ts';
import { catchUp, type FrameStore } from './catch_up.ts';
import { parseClientMessage } from './client_message.ts';
import type { Door } from './door.ts';
import type { Engine } from './engine.ts';
import { helloFrame, type ServerFacts, subscribedFrame } from './greeting.ts';
import { Reply } from './http.ts';
import type { Peer } from './peer.ts';
import { type Position, RecentFrames } from './recent_frames.ts';
import { StreamClient } from './stream_client.ts';
import { parsePosition, parseSubscription, type Subscription, type Wishes } from './subscription.ts';
import { Topic } from './topic.ts';
import { Topics } from './topics.ts';

/** The engine cuts what is larger without a word; up to here there is a close code that says why. */
const MOST_MESSAGE_BYTES_READ = 4 * MOST_MESSAGE_BYTES;
/** A client that neither reads nor answers pings for so long is gone. */
const IDLE_TIMEOUT_S = 60;
/** Messages a client may send: a second, or at once. */
const MESSAGES_PER_SECOND = 10;
const MESSAGES_AT_ONCE = 50;

/** What a connection is from its upgrade on. */
interface ClientData {
  subscription: Subscription;
  /** What it asked for, in its own words: a later message may leave out what shall stay. */
  wishes: Wishes;
  since: Position | undefined;
  readonly peer: Peer;
  readonly messages: Allowance;
  client?: StreamClient;
  /** Where it gets its frames from; none while it catches up. */
  topic?: Topic | undefined;
  /** Rises with every change of what it wants, so that a catch-up that is no longer wanted ends. */
  wanted: number;
}

/** What clients are told, and what they may subscribe to. */
export interface SocketSources extends ServerFacts {
  /** Frames from further back than memory reaches; absent when nothing is recorded. */
  readonly frameStore?: FrameStore | undefined;
  /** After how long without a word a client is cut; at least 8 s. */
  readonly idleTimeoutS?: number | undefined;
}

/** The WebSocket side: who is connected, and what each of them is sent. */
export class StreamSockets {
  readonly #sources: SocketSources;
  readonly #door: Door;
  readonly #topics = new Topics();
  readonly #recent = new RecentFrames();
  readonly #run = randomUUID();
  readonly #clients = new Set<StreamClient>();

  constructor(sources: SocketSources, door: Door) {
    this.#sources = sources;
    this.#door = door;
  }

  /** Takes the upgrades of `/stream`. */
  attach(app: TemplatedApp, engine: Engine): void {
    app.ws<ClientData>('/stream', {
      maxPayloadLength: MOST_MESSAGE_BYTES_READ,
      // The bound is ours: the engine would leave out messages without a word.
      maxBackpressure: 0,
      idleTimeout: this.#sources.idleTimeoutS ?? IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      compression: engine.DISABLED,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (socket) => this.#opened(socket),
      message: (socket, message, isBinary) => this.#received(socket, message, isBinary),
      ping: (socket, message) => void this.#mayGoOn(socket, message),
      drain: (socket) => socket.getUserData().client?.drained(),
      close: (socket) => this.#closed(socket),
    });
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#recent.add(snapshots);
    this.#topics.publish(snapshots);
  }

  /** Tells every client that the server ends. */
  close(): void {
    for (const client of [...this.#clients]) client.end(CLOSE_CODES.goingAway, 'the server is shutting down');
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
      const query = new URLSearchParams(head.query);
      const wishes = wishesIn(query);
      const subscription = parseSubscription(wishes, this.#sources.source);
      const known = { run: query.get('run'), after: query.get('after') };
      const since = parsePosition(query.get('since'), this.#run, known);
      this.#door.limits.streamOpened(peer);
      const messages = new Allowance(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE);
      response.upgrade<ClientData>(
        { subscription, wishes, since, peer, messages, wanted: 0 },
        head.header('sec-websocket-key'),
        agreedProtocol(head.header('sec-websocket-protocol')),
        head.header('sec-websocket-extensions'),
        context,
      );
    } catch (error) {
      reply.error(error);
    }
  }

  #opened(socket: WebSocket<ClientData>): void {
    const data = socket.getUserData();
    const { subscription, since } = data;
    const client = new StreamClient(socket, subscription.format);
    data.client = client;
    this.#clients.add(client);
    client.tell(helloFrame(this.#sources, this.#run, subscription));
    this.#follow(data, client, since);
  }

  /** Sends a client what its subscription says from now on, what it missed first. */
  #follow(data: ClientData, client: StreamClient, since: Position | undefined): void {
    if (data.topic !== undefined) this.#topics.leave(client, data.topic);
    data.topic = undefined;
    client.startOver();
    const wanted = ++data.wanted;
    const own = new Topic(data.subscription);
    const join = (): void => {
      if (!client.isClosed && data.wanted === wanted) data.topic = this.#topics.join(client, own);
    };
    if (since === undefined) {
      join();
      return;
    }
    const isWanted = (): boolean => data.wanted === wanted;
    catchUp(
      client,
      own,
      since,
      { recent: this.#recent, store: this.#sources.frameStore, isWanted },
      join,
    ).catch((error: unknown) => {
      client.tell(errorFrame(error));
      join();
    });
  }

  #received(socket: WebSocket<ClientData>, message: ArrayBuffer, isBinary: boolean): void {
    const data = socket.getUserData();
    const { client } = data;
    if (client === undefined || !this.#mayGoOn(socket, message)) return;
    try {
      const request = parseClientMessage(message, isBinary, data.wishes);
      const subscription = parseSubscription(request.wishes, this.#sources.source);
      const since = parsePosition(request.since, this.#run, request);
      data.wishes = request.wishes;
      data.subscription = subscription;
      client.format = subscription.format;
      client.tell(subscribedFrame(this.#sources, subscription));
      this.#follow(data, client, since);
    } catch (error) {
      client.tell(errorFrame(error));
    }
  }

  /** A client that sends too much is let go, and told why. */
  #mayGoOn(socket: WebSocket<ClientData>, message: ArrayBuffer): boolean {
    const { client, messages } = socket.getUserData();
    if (message.byteLength > MOST_MESSAGE_BYTES) {
      client?.end(CLOSE_CODES.messageTooBig, `a message may have ${MOST_MESSAGE_BYTES} bytes`);
      return false;
    }
    if (messages.take(performance.now())) return true;
    client?.end(CLOSE_CODES.tooManyMessages, `more than ${MESSAGES_PER_SECOND} messages a second`);
    return false;
  }

  #closed(socket: WebSocket<ClientData>): void {
    const data = socket.getUserData();
    const { client, peer, topic } = data;
    this.#door.limits.streamClosed(peer);
    if (client === undefined) return;
    client.closed();
    this.#clients.delete(client);
    if (topic !== undefined) this.#topics.leave(client, topic);
  }
}

function wishesIn(query: URLSearchParams): Wishes {
  return {
    format: query.get('format'),
    interval: query.get('interval'),
    collectors: query.get('collectors'),
    aggregate: query.get('aggregate'),
  };
}

function errorFrame(error: unknown): ErrorFrame {
  if (error instanceof HzstatError) {
    return { type: 'error', error: { code: error.code, message: error.message } };
  }
  return { type: 'error', error: { code: 'INTERNAL', message: 'the server failed; its log says more' } };
}
