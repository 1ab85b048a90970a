import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { authorization, clientTls } from './credentials.ts';
import type { RemoteWriteSettings } from './settings.ts';

const ANSWER_WITHIN_MS = 30_000;
/** Of what a receiver says beside its status, so much is shown. */
const MOST_SAID = 200;

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** To be tried again, in so many milliseconds where the receiver says so. */
  | { readonly kind: 'busy' | 'away'; readonly message: string; readonly afterMs?: number }
  /** Never to be tried again. */
  | { readonly kind: 'refused'; readonly message: string };

/** Somebody who takes remote write 1.0. */
export class Receiver {
  readonly #url: URL;
  readonly #settings: RemoteWriteSettings;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #heads: Readonly<Record<string, string>>;
  #request: ClientRequest | undefined;

  constructor(url: string, settings: RemoteWriteSettings) {
    this.#url = new URL(url);
    this.#settings = settings;
    const keep = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      this.#url.protocol === 'https:'
        ? new HttpsAgent({ ...keep, ...clientTls(settings) })
        : new HttpAgent(keep);
    this.#heads = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': `hzstat/${settings.version}`,
      ...Object.fromEntries(settings.headers),
    };
  }

  /** Sends a message WriteRequest, compressed. */
  async send(body: Uint8Array): Promise<Outcome> {
    try {
      const outcome = await this.#post(body);
      if (outcome !== undefined) return outcome;
      // The receiver closed the connection while nothing was sent: this one begins anew.
      return (await this.#post(body)) ?? { kind: 'away', message: 'it closes every connection' };
    } catch (error) {
      return { kind: 'away', message: `it cannot be reached (${errorMessage(error)})` };
    }
  }

  /** Ends a request under way. */
  close(): void {
    this.#request?.destroy(new Error('hzstat ends'));
    this.#agent.destroy();
  }

  /** Undefined where a connection that was open turned out to be closed. */
  #post(body: Uint8Array): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
      const secret = authorization(this.#settings);
      const request = send(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          ...this.#heads,
          'content-length': body.length,
          ...(secret !== undefined && { authorization: secret }),
        },
        timeout: ANSWER_WITHIN_MS,
      });
      this.#request = request;
      request.once('timeout', () =>
        request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1_000} s`)),
      );
      request.once('error', (error) => {
        const wasClosed = ['ECONNRESET', 'EPIPE'].includes(systemErrorCode(error) ?? '');
        if (request.reusedSocket && wasClosed) resolve(undefined);
        else reject(error);
      });
      request.once('response', (response) => {
        if (isSuccess(response)) {
          response.resume();
          response.once('end', () => resolve({ kind: 'accepted' }));
          response.once('error', reject);
        } else said(response).then((text) => resolve(outcomeOf(response, text)), reject);
      });
      request.end(body);
    });
  }
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The beginning of what a receiver says, on one line. */
async function said(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const piece of response) if (text.length < MOST_SAID) text += String(piece);
  return text.slice(0, MOST_SAID).replaceAll(/\s+/g, ' ').trim();
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage, text: string): Outcome {
  const message = `it answers ${status}${text === '' ? '' : ` (${text})`}`;
  if (status >= 400 && status < 500 && status !== 429) return { kind: 'refused', message };
  const afterMs = retryAfterMs(headers['retry-after']);
  return { kind: status === 429 ? 'busy' : 'away', message, ...(afterMs !== undefined && { afterMs }) };
}

/** Of a head `retry-after`: seconds, or a date. */
export function retryAfterMs(head: string | undefined, nowMs = Date.now()): number | undefined {
  if (head === undefined) return undefined;
  const ms = /^\d+$/.test(head.trim()) ? Number(head) * 1_000 : Date.parse(head) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
