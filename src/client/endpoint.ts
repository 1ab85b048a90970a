import { HzstatError } from '../shared/errors.ts';

export const DEFAULT_URL = 'http://127.0.0.1:4410';

/** Which part of the stream a connection asks for. */
export interface Subscription {
  /** Time between two snapshots, such as `1s`; default: the sampler's own interval. */
  interval?: string;
  /** Names of the collectors wanted; default: all. */
  collectors?: readonly string[];
  /** History first: how far back, such as `5m`, or the last sequence number seen. */
  since?: string | number;
  /** `minmax` adds the extremes within each longer interval. */
  aggregate?: 'minmax';
}

/**
 * The server's base address from what a person may type: with or without scheme, with or without a path.
 *
 * @throws HzstatError BAD_REQUEST when it is no address
 */
export function baseUrl(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const plain = withScheme.replace(/^ws/i, 'http');
  try {
    const url = new URL(plain);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`${url.protocol} is not HTTP`);
    url.pathname = '/';
    url.search = '';
    return url;
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', `"${text}" is no server address: write ${DEFAULT_URL}`, { cause });
  }
}

/** The address of the stream for a subscription. */
export function streamUrl(base: URL, subscription: Subscription): string {
  const url = new URL('stream', base);
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  const { interval, collectors, since, aggregate } = subscription;
  if (interval !== undefined) url.searchParams.set('interval', interval);
  if (collectors !== undefined) url.searchParams.set('collectors', collectors.join(','));
  if (since !== undefined) url.searchParams.set('since', String(since));
  if (aggregate !== undefined) url.searchParams.set('aggregate', aggregate);
  return url.href;
}
