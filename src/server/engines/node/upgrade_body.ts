import type { IncomingMessage } from 'node:http';
import type { BodySource } from './node_exchange.ts';

/**
 * The body of a request that asks for another protocol, such as `Upgrade: h2c`, and is answered in this one. Before
 * version 24.9 Node takes such a request for complete and leaves its body in the socket, so it is read from there;
 * without a length there is none.
 *
 * @param head what of the body came along with the request
 */
export function bodyOfUpgrade(request: IncomingMessage, head: Buffer): BodySource {
  const { socket } = request;
  let left = Number(request.headers['content-length'] ?? 0);
  return (handler) => {
    const take = (chunk: Buffer): void => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      handler(part, left === 0);
      if (left === 0) socket.off('data', take);
    };
    if (left === 0 || head.length > 0) take(head);
    if (left > 0) socket.on('data', take);
  };
}
