import type { HttpRequest } from 'uWebSockets.js';
import { HzstatError } from '../shared/errors.ts';

/** The largest head of a request: all names and values of its headers, its path and its query. */
export const MOST_HEAD_BYTES = 16 * 1024;

/** Headers whose second occurrence would let one part of a request contradict another. */
const ONCE = new Set(['host', 'origin', 'authorization', 'content-type', 'content-length', 'sec-fetch-site']);

/** What is asked, and what a request says about who asks. The engine's own request lasts for one call only. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The value of a header by its lower-case name; empty when there is none. */
  header(name: string): string;
}

/** @throws HzstatError HEADERS_TOO_LARGE, BAD_REQUEST */
export function readHead(request: HttpRequest): RequestHead {
  const headers = new Map<string, string>();
  const path = request.getUrl();
  const query = request.getQuery() ?? '';
  let bytes = path.length + query.length;
  request.forEach((name, value) => {
    bytes += name.length + value.length;
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
  return {
    method: request.getMethod().toUpperCase(),
    path,
    query,
    header: (name) => headers.get(name) ?? '',
  };
}
