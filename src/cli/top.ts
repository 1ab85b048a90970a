import { hostname } from 'node:os';
import { DEFAULT_URL } from '../client/endpoint.ts';
import { COLLECTOR_NAMES, DEFAULT_COLLECTORS } from '../shared/collector_names.ts';
import { errorCode } from '../shared/errors.ts';
import type { Feed, FeedListener } from '../top/feed.ts';
import { ServerFeed } from '../top/server_feed.ts';
import { Terminal } from '../top/terminal.ts';
import { Top } from '../top/top.ts';
import { leave, stoppedInTime } from './departure.ts';
import { parseCollectors, type SamplingOptions } from './options.ts';
import { requireLinux } from './platform.ts';
import type { Sampler } from './sampler.ts';

export interface TopOptions extends Omit<SamplingOptions, 'collectors'> {
  url?: string;
  token?: string;
  collectors?: string[];
}

/** Shows a running server, or this host where none runs and none was named, until someone quits. */
export async function topCommand(options: TopOptions): Promise<void> {
  const terminal = new Terminal(process.stdin, process.stdout, process.env);
  const feed = await feedFor(options);
  await new Top(feed, terminal, options.interval).run();
  leave(await stoppedInTime(feed.stop()));
}

async function feedFor(options: TopOptions): Promise<Feed> {
  const { url, token, interval, rootfs } = options;
  const collectors = wantedCollectors(options.collectors);
  // Who names a host's files wants to see that host, not the one a server happens to run on.
  if (rootfs === '' || url !== undefined) {
    try {
      const address = url ?? DEFAULT_URL;
      return await ServerFeed.connect({ url: address, token, intervalMs: interval, collectors });
    } catch (error) {
      // And who names a server does not want to see another machine instead.
      if (url !== undefined || errorCode(error, 'INTERNAL') !== 'SERVER_UNREACHABLE') throw error;
    }
  }
  requireLinux();
  const { createSampler } = await import('./sampler.ts');
  const names = collectors === undefined ? [...COLLECTOR_NAMES] : parseCollectors(collectors.join(','));
  return new LocalFeed(createSampler({ ...options, collectors: names }));
}

/** The names asked for, or undefined for all there are. */
function wantedCollectors(names: readonly string[] | undefined): string[] | undefined {
  if (names === undefined || names.includes('all')) return undefined;
  return names.flatMap((name) => (name === 'default' ? DEFAULT_COLLECTORS : [name]));
}

/** Samples this host for the view alone. */
class LocalFeed implements Feed {
  readonly #sampler: Sampler;
  readonly #origin: string;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
    this.#origin = `${hostname()} (sampled here)`;
  }

  start(listener: FeedListener): void {
    const { aggregator } = this.#sampler;
    aggregator.subscribe((packed) => listener.snapshots(packed.map(({ snapshot }) => snapshot)));
    aggregator.start();
    listener.link({ state: 'live' }, this.#origin);
  }

  stop(): Promise<void> {
    return this.#sampler.stop();
  }
}
