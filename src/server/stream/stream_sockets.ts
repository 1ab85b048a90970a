import { randomUUID } from 'node:crypto';
import { HzstatError } from '../../base/errors.ts';
import type { Position } from '../../records/position.ts';
import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import { CLOSE_CODES, MOST_MESSAGE_BYTES } from '../../wire/protocol/close_codes.ts';
import type { ErrorFrame, IncidentFrame } from '../../wire/protocol/frames.ts';
import { agreedProtocol } from '../../wire/protocol/token_protocol.ts';
import type { Door } from '../access/door.ts';
import { StreamClient } from '../clients/stream_client.ts';
import type { SocketListener, Upgrade } from '../engine/engine.ts';
import { Reply } from '../http/reply.ts';
import { Allowance } from '../limits/allowance.ts';
import type { Peer } from '../limits/peer.ts';
import { WorkBudget } from '../limits/work_budget.ts';
import { RecentSnapshots } from '../source/recent_snapshots.ts';
import { parseClientMessage } from '../subscriptions/client_message.ts';
import {
  parsePosition,
  parseSubscription,
  type Subscription,
  type Wishes,
} from '../subscriptions/subscription.ts';
import { Topic } from '../topics/topic.ts';
import { Topics } from '../topics/topics.ts';
import { catchUp, type SnapshotStore } from './catch_up.ts';
import { CatchUpLine } from './catch_up_line.ts';
import { helloFrame, type ServerFacts, subscribedFrame } from './greeting.ts';

/** Messages a client may send: a second, or at once. */
const MESSAGES_PER_SECOND = 10;
const MESSAGES_AT_ONCE = 50;

/** Of one core, what sending snapshots to clients may take, and how much of that may be saved up. */
const PUBLISHING_SHARE = 0.5;
const MOST_SAVED_MS = 500;
/** The same for those who catch up with what was. */
const CATCHING_UP_SHARE = 0.4;

/** A connection from its upgrade on. */
interface Connection {
  readonly client: StreamClient;
  readonly peer: Peer;
  readonly messages: Allowance;
  subscription: Subscription;
  /** What it asked for, in its own words: a later message may leave out what shall stay. */
  wishes: Wishes;
  /** Where it gets its frames from; none while it catches up. */
  topic: Topic | undefined;
  /** Gives back the place it holds among all subscriptions. */
  release: () => void;
  /** Rises with every change of what it wants, so that a catch-up that is no longer wanted ends. */
  wanted: number;
}

/** What clients are greeted with, and what they may subscribe to. */
export interface SocketSources extends ServerFacts {
  /** Snapshots from further back than memory reaches; absent when nothing is recorded. */
  readonly snapshotStore?: SnapshotStore | undefined;
}

/** The WebSocket side: who is connected, and what each of them is sent. */
export class StreamSockets {
  readonly #sources: SocketSources;
  readonly #door: Door;
  readonly #topics: Topics;
  readonly #recent = new RecentSnapshots();
  readonly #line = new CatchUpLine(new WorkBudget(CATCHING_UP_SHARE, MOST_SAVED_MS));
  readonly #run = randomUUID();
  readonly #connections = new Set<Connection>();

  constructor(sources: SocketSources, door: Door) {
    this.#sources = sources;
    this.#door = door;
    this.#topics = new Topics(sources.source, new WorkBudget(PUBLISHING_SHARE, MOST_SAVED_MS));
    sources.source.setPace(undefined);
  }

  /** Sends snapshots to everybody who wants them. */
  publish(snapshots: readonly EncodedSnapshot[]): void {
    this.#recent.add(snapshots.map(({ packed }) => packed));
    this.#topics.publish(snapshots);
  }

  /** Tells those who want to know that something has begun, or is over. */
  tellIncident(frame: IncidentFrame): void {
    for (const { client, subscription } of this.#connections) if (subscription.incidents) client.tell(frame);
  }

  /** Tells every client that the server ends. */
  close(): void {
    for (const { client } of [...this.#connections])
      client.end(CLOSE_CODES.goingAway, 'the server is shutting down');
  }

  /** Makes a stream of a handshake, or answers why not. */
  upgrade(upgrade: Upgrade): void {
    const reply = new Reply(upgrade);
    try {
      const visitor = this.#door.admit(reply, upgrade);
      if (visitor === undefined) return;
      const { head, peer } = visitor;
      const query = new URLSearchParams(head.query);
      const wishes = wishesIn(query);
      const subscription = parseSubscription(wishes, this.#sources.source);
      const known = { run: query.get('run'), after: query.get('after') };
      const since = parsePosition(query.get('since'), this.#run, known);
      this.#topics.requireRoom(subscription);
      this.#door.limits.streamOpened(peer);
      upgrade.accept(agreedProtocol(head.header('sec-websocket-protocol')), (socket) => {
        const client = new StreamClient(socket, subscription.format);
        const messages = new Allowance(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE);
        return this.#open(
          { client, peer, messages, subscription, wishes, topic: undefined, release: () => {}, wanted: 0 },
          since,
        );
      });
    } catch (error) {
      reply.error(error);
    }
  }

  #open(connection: Connection, since: Position | undefined): SocketListener {
    const { client } = connection;
    this.#connections.add(connection);
    client.tell(helloFrame(this.#sources, this.#run, connection.subscription));
    this.#follow(connection, since);
    return {
      message: (data, isBinary) => this.#received(connection, data, isBinary),
      ping: (data) => void this.#mayGoOn(connection, data),
      drained: () => client.drained(),
      closed: () => this.#closed(connection),
    };
  }

  /** Sends a client what its subscription says from now on, what it missed first. */
  #follow(connection: Connection, since: Position | undefined): void {
    const { client } = connection;
    // What was sampled before belongs to the past.
    this.#sources.source.drain();
    if (connection.topic !== undefined) this.#topics.leave(client, connection.topic);
    connection.topic = undefined;
    const place = this.#topics.reserve(connection.subscription);
    connection.release();
    connection.release = place;
    client.startOver();
    const wanted = ++connection.wanted;
    const own = new Topic(connection.subscription);
    const join = (): void => {
      if (!client.isClosed && connection.wanted === wanted) connection.topic = this.#topics.join(client, own);
    };
    if (since === undefined) {
      join();
      return;
    }
    const isWanted = (): boolean => connection.wanted === wanted;
    catchUp(
      client,
      own,
      since,
      {
        recent: this.#recent,
        store: this.#sources.snapshotStore,
        line: this.#line,
        drain: () => this.#sources.source.drain(),
        isWanted,
      },
      join,
    ).catch((error: unknown) => {
      client.tell(errorFrame(error));
      join();
    });
  }

  #received(connection: Connection, message: Uint8Array, isBinary: boolean): void {
    const { client } = connection;
    if (!this.#mayGoOn(connection, message)) return;
    try {
      const request = parseClientMessage(message, isBinary, connection.wishes);
      const subscription = parseSubscription(request.wishes, this.#sources.source);
      const since = parsePosition(request.since, this.#run, request);
      this.#topics.requireRoom(subscription);
      connection.wishes = request.wishes;
      connection.subscription = subscription;
      client.format = subscription.format;
      client.tell(subscribedFrame(this.#sources, subscription));
      this.#follow(connection, since);
    } catch (error) {
      client.tell(errorFrame(error));
    }
  }

  /** A client that sends too much is let go, and told why. */
  #mayGoOn({ client, messages }: Connection, message: Uint8Array): boolean {
    if (message.byteLength > MOST_MESSAGE_BYTES) {
      client.end(CLOSE_CODES.messageTooBig, `a message may have ${MOST_MESSAGE_BYTES} bytes`);
      return false;
    }
    if (messages.take(performance.now())) return true;
    client.end(CLOSE_CODES.tooManyMessages, `more than ${MESSAGES_PER_SECOND} messages a second`);
    return false;
  }

  #closed(connection: Connection): void {
    const { client, peer, topic, release } = connection;
    this.#door.limits.streamClosed(peer);
    client.closed();
    this.#connections.delete(connection);
    release();
    if (topic !== undefined) this.#topics.leave(client, topic);
  }
}

function wishesIn(query: URLSearchParams): Wishes {
  return {
    format: query.get('format'),
    interval: query.get('interval'),
    collectors: query.get('collectors'),
    aggregate: query.get('aggregate'),
    protocol: query.get('protocol'),
    incidents: query.get('incidents'),
  };
}

function errorFrame(error: unknown): ErrorFrame {
  if (error instanceof HzstatError) {
    return { type: 'error', error: { code: error.code, message: error.message } };
  }
  return { type: 'error', error: { code: 'INTERNAL', message: 'the server failed; its log says more' } };
}
