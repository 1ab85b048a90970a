import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { HzstatError, systemErrorCode } from '../../../base/errors.ts';
import { errorBody, JSON_TYPE, statusOf } from '../../http/error_answer.ts';
import { MOST_HEAD_BYTES } from '../../http/request_head.ts';
import { securityHeaders } from '../../http/security_headers.ts';

/** How long what a refused client still sends is read and thrown away, so that it gets to see the answer. */
const LONGEST_DISCARD_MS = 1_000;

/** Sockets that have been refused: the parser reports the same fault again for whatever else comes. */
const refused = new WeakSet<Duplex>();

/** Answers what Node's parser could not read, or what came too slowly, and ends the connection. */
export function answerMalformed(error: Error, socket: Duplex): void {
  if (refused.has(socket)) return;
  refused.add(socket);
  if (!socket.writable || systemErrorCode(error) === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.on('error', () => socket.destroy());
  socket.end(answerTo(faultOf(error)));
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LONGEST_DISCARD_MS);
  socket.once('close', () => clearTimeout(cut));
}

function faultOf(error: Error): HzstatError {
  const code = systemErrorCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HzstatError(
      'HEADERS_TOO_LARGE',
      `path, query and headers are larger than the ${MOST_HEAD_BYTES} bytes that are read`,
    );
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HzstatError('REQUEST_TIMEOUT', 'the request did not come to its end in time');
  }
  return new HzstatError('BAD_REQUEST', 'this is no HTTP request that can be read');
}

function answerTo(error: HzstatError): string {
  const status = statusOf(error.code);
  const body = errorBody(error);
  const headers = [
    ...securityHeaders(JSON_TYPE),
    ['Content-Type', JSON_TYPE],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Connection', 'close'],
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n${body}`;
}
