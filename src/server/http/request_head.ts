import { HzstatError } from '../../base/errors.ts';
import type { Exchange } from '../engine/engine.ts';

/** The largest head of a request: all names and values of its headers, its path and its query. */
export const MOST_HEAD_BYTES = 16 * 1024;

/** Headers whose second occurrence would let one part of a request contradict another. */
const ONCE = new Set(['host', 'origin', 'authorization', 'content-type', 'content-length', 'sec-fetch-site']);

/** More headers than this are no request of a browser, a proxy or a program. */
const MOST_HEADERS = 64;

/** What is asked, and what a request says about who asks. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The value of a header by its lower-case name; empty when there is none. */
  header(name: string): string;
}

/** @throws HzstatError HEADERS_TOO_LARGE, BAD_REQUEST */
export function readHead(exchange: Exchange): RequestHead {
  const { method, version, path, query } = exchange;
  const headers = new Map<string, string>();
  let bytes = path.length + query.length;
  let count = 0;
  exchange.forEachHeader((name, value) => {
    bytes += name.length + value.length;
    count++;
    if (headers.has(name) && ONCE.has(name)) {
      throw new HzstatError('BAD_REQUEST', `there are two headers named ${name}; send one`);
    }
    headers.set(name, value);
  });
  if (bytes > MOST_HEAD_BYTES) {
    throw new HzstatError(
      'HEADERS_TOO_LARGE',
      `path, query and headers are larger than the ${MOST_HEAD_BYTES} bytes that are read`,
    );
  }
  if (count > MOST_HEADERS) {
    throw new HzstatError('HEADERS_TOO_LARGE', `there are ${count} headers; ${MOST_HEADERS} are read`);
  }
  if (!headers.has('host') && version !== '1.0') {
    throw new HzstatError('BAD_REQUEST', 'there is no Host header; HTTP/1.1 wants one');
  }
  return { method, path, query, header: (name) => headers.get(name) ?? '' };
}
