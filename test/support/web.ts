import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';

/** What a client trusts, and what it shows. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: ClientTls;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The code of an error. */
  readonly code: string | undefined;
}

/** A request with any header at all, on a connection of its own; browsers and `fetch` do not allow some. */
export function ask(
  url: string | URL,
  { method = 'GET', headers = {}, body, tls }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { protocol } = new URL(url);
    const request = protocol === 'https:' ? requestHttps : requestHttp;
    const sent = request(url, { method, headers, agent: false, ...tls }, (response) => {
      text(response).then((answer) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: answer,
          code: codeIn(answer),
        });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Tries to open a stream: `opened`, or what was answered instead. */
export function tryStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  tls: ClientTls = {},
): Promise<'opened' | Answer> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/stream`, { headers, ...tls });
    socket.on('open', () => {
      socket.terminate();
      resolve('opened');
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      text(response).then((answer) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: answer,
          code: codeIn(answer),
        });
      }, reject);
    });
  });
}

/** Sends bytes as they are; returns everything that came back until the server, or this client, hung up. */
export function sendRaw(url: string, bytes: string | Uint8Array, patienceMs = 0): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let received = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes);
      if (patienceMs > 0) socket.setTimeout(patienceMs, () => socket.destroy());
    });
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      received += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

function codeIn(answer: string): string | undefined {
  try {
    const { error }: { error?: { code?: string } } = JSON.parse(answer);
    return error?.code;
  } catch {
    return undefined;
  }
}
