import { errorMessage, HzstatError } from '../base/errors.ts';
import { formatDurationMs } from '../base/units.ts';
import { Backoff } from '../client/backoff.ts';
import { type ConnectOptions, HzstatClient } from '../client/client.ts';
import { baseUrl } from '../client/endpoint.ts';
import { serverIncidents } from '../client/incidents.ts';
import type { Incident } from '../model/incidents/incident.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Feed, FeedListener } from './feed.ts';

/** What every server keeps in memory: charts begin with it. */
const BACKFILL = '1m';
/** How far apart snapshots are that are asked for to go back to, and how long they are waited for. */
const PAST_INTERVAL_MS = 1_000;
const LONGEST_FETCH_MS = 10_000;
/** Incidents that are asked for at first, and how many are kept. */
const INCIDENTS_SINCE = '1h';
const MOST_INCIDENTS = 200;

export interface ServerFeedOptions {
  readonly url: string;
  /** Token and certificates, where the server asks for them. */
  readonly access: Pick<ConnectOptions, 'token' | 'tls'>;
  /** Time between two snapshots; the server's own where that is longer. */
  readonly intervalMs: number;
  /** Names of the collectors wanted; undefined for all. */
  readonly collectors: readonly string[] | undefined;
}

/** Follows a server, and the one that comes after it: each may sample at a rate of its own. */
export class ServerFeed implements Feed {
  readonly #options: ServerFeedOptions;
  readonly #host: string;
  readonly #backoff = new Backoff();
  /** Those of the last while, by their ids. */
  readonly #incidents = new Map<string, Incident>();
  #onIncidents = (): void => {};
  #client: HzstatClient | undefined;
  #stopped = false;
  #endPause: () => void = () => {};

  /**
   * Connects to the server.
   *
   * @throws HzstatError SERVER_UNREACHABLE, or BAD_REQUEST when the address is none or no collector is there
   */
  static async connect(options: ServerFeedOptions): Promise<ServerFeed> {
    const feed = new ServerFeed(options);
    await feed.#connect();
    return feed;
  }

  private constructor(options: ServerFeedOptions) {
    this.#options = options;
    this.#host = baseUrl(options.url).host;
  }

  start(listener: FeedListener): void {
    void this.#run(listener);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#client?.close();
    this.#endPause();
  }

  async before(timestamp: string, spanMs: number): Promise<readonly Snapshot[]> {
    const { url, access } = this.#options;
    const wanted = this.#client && this.#wantedOf(this.#client);
    const since = new Date(Date.parse(timestamp) - spanMs).toISOString();
    const isFast = (this.#client?.hello?.interval_ms ?? PAST_INTERVAL_MS) < PAST_INTERVAL_MS;
    const client = await HzstatClient.connect({
      url,
      ...access,
      reconnect: false,
      since,
      ...(isFast && { interval: formatDurationMs(PAST_INTERVAL_MS), aggregate: 'minmax' as const }),
      ...(wanted !== undefined && { collectors: wanted }),
    });
    const giveUp = setTimeout(() => client.close(), LONGEST_FETCH_MS);
    const found: Snapshot[] = [];
    try {
      for await (const snapshot of client) {
        if (snapshot.timestamp >= timestamp) break;
        found.push(snapshot);
      }
      return found;
    } finally {
      clearTimeout(giveUp);
      client.close();
    }
  }

  async #run(listener: FeedListener): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#client ??= await this.#connect();
        listener.link({ state: 'live' }, this.#origin);
        this.#onIncidents = () => listener.incidents([...this.#incidents.values()].sort(byBeginning));
        void this.#askForIncidents();
        for await (const snapshot of this.#client) {
          this.#backoff.reset();
          listener.snapshots([snapshot]);
        }
      } catch (error) {
        if (this.#stopped) return;
        const delayMs = this.#backoff.next();
        const retryAtMs = performance.now() + delayMs;
        listener.link({ state: 'lost', reason: errorMessage(error), retryAtMs }, this.#origin);
        await this.#pause(delayMs);
      }
      this.#client?.close();
      this.#client = undefined;
    }
  }

  get #origin(): string {
    const hostname = this.#client?.hello?.hostname;
    return hostname === undefined ? this.#host : `${hostname} (${this.#host})`;
  }

  /** What happened before we came; a server that watches for nothing has nothing to tell. */
  async #askForIncidents(): Promise<void> {
    const { url, access } = this.#options;
    this.#keep(await serverIncidents(baseUrl(url), INCIDENTS_SINCE, access).catch(() => []));
  }

  #keep(incidents: readonly Incident[]): void {
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    const oldestFirst = [...this.#incidents.values()].sort(byBeginning).reverse();
    for (const { id } of oldestFirst.slice(0, -MOST_INCIDENTS)) this.#incidents.delete(id);
    this.#onIncidents();
  }

  /** A server's rate and collectors are known when it has said hello; then it is asked for what suits. */
  async #connect(): Promise<HzstatClient> {
    const { url, access, intervalMs } = this.#options;
    const options = { url, reconnect: false, ...access };
    const probe = await HzstatClient.connect(options);
    probe.close();
    const collectors = this.#wantedOf(probe);
    const thinned = (probe.hello?.interval_ms ?? intervalMs) < intervalMs;
    this.#client = await HzstatClient.connect({
      ...options,
      since: BACKFILL,
      onIncident: (frame) => this.#keep([frame]),
      // Charts show peaks, which the mean of an interval would hide.
      ...(thinned && { interval: formatDurationMs(intervalMs), aggregate: 'minmax' as const }),
      ...(collectors !== undefined && { collectors }),
    });
    return this.#client;
  }

  /** Those of the wanted collectors that this server has, or undefined when all are wanted. */
  #wantedOf(client: HzstatClient): string[] | undefined {
    const { collectors } = this.#options;
    if (collectors === undefined) return undefined;
    const there = (client.hello?.collectors ?? []).map(({ name }) => name);
    const wanted = there.filter((name) => collectors.includes(name));
    if (wanted.length > 0) return wanted;
    throw new HzstatError(
      'BAD_REQUEST',
      `${this.#host} has no collector ${collectors.join(', ')}; it has ${there.join(', ')}`,
    );
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function byBeginning(one: Incident, other: Incident): number {
  if (one.began === other.began) return 0;
  return one.began < other.began ? 1 : -1;
}
