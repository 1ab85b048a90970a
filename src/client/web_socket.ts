import type { IncomingMessage } from 'node:http';
import { protocolsWith } from '../wire/protocol/token_protocol.ts';
import { serverError } from './server_error.ts';
import type { ClientTls } from './tls.ts';

/** How many bytes of an answer that is no stream are read; those of hzstat fit. */
const MOST_REFUSAL_CHUNKS = 16;

/** What the client needs of a WebSocket; browsers and Node 22 bring one, Node 20 borrows one from `ws`. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Opens a socket that hands over binary messages as ArrayBuffers. */
export async function openSocket(url: string, token?: string, tls?: ClientTls): Promise<Socket> {
  if (typeof process === 'undefined' || !process.versions?.node) {
    // Only Node can send the header. A page of the server's own needs none: it has the cookie of the first visit.
    const socket = new WebSocket(url, token === undefined ? [] : protocolsWith(token));
    socket.binaryType = 'arraybuffer';
    return socket as Socket;
  }
  const { WebSocket: NodeWebSocket } = await import('ws');
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new NodeWebSocket(url, { headers, perMessageDeflate: false, ...tls });
  socket.binaryType = 'arraybuffer';
  socket.on('unexpected-response', (request, response) => {
    void refusalOf(response).then((error) => {
      socket.emit('error', error);
      request.destroy();
      socket.terminate();
    });
  });
  return socket as Socket;
}

/** What a server that would not open a stream said instead. */
async function refusalOf(response: IncomingMessage): Promise<Error> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response) if (chunks.length < MOST_REFUSAL_CHUNKS) chunks.push(chunk);
  } catch {
    // What came before it broke off may tell enough.
  }
  return serverError(Buffer.concat(chunks).toString('utf8'), response.statusCode ?? 0);
}
