import { hostname } from 'node:os';
import { errorCode } from '../../base/errors.ts';
import { DEFAULT_URL } from '../../client/endpoint.ts';
import { COLLECTOR_NAMES, DEFAULT_COLLECTORS } from '../../model/collectors.ts';
import type { Sampler } from '../../service/sampler.ts';
import type { SamplingOptions } from '../../service/settings.ts';
import { leave, stoppedInTime } from '../../service/shutdown.ts';
import type { Feed, FeedListener } from '../../top/feed.ts';
import { ServerFeed } from '../../top/server_feed.ts';
import { Terminal } from '../../top/terminal.ts';
import { Top } from '../../top/top.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { parseCollectors } from '../options/options.ts';
import { clientAccess } from './client_access.ts';
import { requireLinux } from './platform.ts';

export interface TopOptions extends Omit<SamplingOptions, 'collectors'>, ClientOptions {
  url?: string;
  collectors?: string[];
}

/** Shows a running server, or this host where none runs and none was named, until someone quits. */
export async function topCommand(options: TopOptions): Promise<void> {
  const terminal = new Terminal(process.stdin, process.stdout, process.env);
  const server = await findServer(options);
  const feed = server ?? new LocalFeed(await localSampler(options));
  await new Top(feed, terminal, options.interval).run();
  leave(await stoppedInTime(feed));
}

/** The server to watch, or undefined where none was named and none runs. */
async function findServer(options: TopOptions): Promise<ServerFeed | undefined> {
  const { url, interval, rootfs, collector } = options;
  const access = clientAccess(options);
  // Who names a host's files or a collector wants to see those, not what a server happens to sample.
  if (url === undefined && (rootfs !== '' || collector.length > 0)) return undefined;
  const collectors = wantedCollectors(options.collectors);
  try {
    return await ServerFeed.connect({ url: url ?? DEFAULT_URL, access, intervalMs: interval, collectors });
  } catch (error) {
    // And who names a server does not want to see another machine instead.
    if (url !== undefined || errorCode(error, 'INTERNAL') !== 'SERVER_UNREACHABLE') throw error;
    return undefined;
  }
}

async function localSampler(options: TopOptions): Promise<Sampler> {
  requireLinux();
  const { createSampler } = await import('../../service/sampler.ts');
  const wanted = wantedCollectors(options.collectors);
  const collectors = wanted === undefined ? [...COLLECTOR_NAMES] : parseCollectors(wanted.join(','));
  return createSampler({ ...options, collectors });
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
