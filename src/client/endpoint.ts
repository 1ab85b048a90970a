import { HzstatError } from '../base/errors.ts';

export const DEFAULT_URL = 'http://127.0.0.1:4410';

/** Which part of the stream a connection asks for. */
export interface Subscription {
  /** Time between two snapshots, such as `1s`; default: the sampler's own interval. */
  interval?: string;
  /** Names of the collectors wanted; default: all. */
  collectors?: readonly string[];
  /** `minmax` adds the smallest and largest value within each longer interval, as `minimum` and `maximum`. */
  aggregate?: 'mean' | 'minmax';
  /** `msgpack-records` sends names once and takes a fraction of the bytes; snapshots look the same. */
  format?: 'msgpack' | 'msgpack-records';
}

/** Where in the stream to begin. */
export interface Start {
  /** How far back, such as `5m`, a time (ISO 8601), or the last sequence number seen. */
  since?: string | number;
  /** The run that sequence number is of, and the time of its snapshot: for the case that the server has begun anew. */
  run?: string;
  after?: string;
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
export function streamUrl(base: URL, wanted: Subscription & Start): string {
  const url = new URL('stream', base);
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  const { interval, collectors, since, aggregate, format, run, after } = wanted;
  if (interval !== undefined) url.searchParams.set('interval', interval);
  if (collectors !== undefined) url.searchParams.set('collectors', collectors.join(','));
  if (since !== undefined) url.searchParams.set('since', String(since));
  if (aggregate !== undefined) url.searchParams.set('aggregate', aggregate);
  if (format !== undefined) url.searchParams.set('format', format);
  if (run !== undefined) url.searchParams.set('run', run);
  if (after !== undefined) url.searchParams.set('after', after);
  return url.href;
}
