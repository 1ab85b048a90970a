import { HzstatError } from '../../base/errors.ts';
import { tokenIn } from '../../wire/protocol/token_protocol.ts';
import type { Headers } from '../engine/engine.ts';
import type { RequestHead } from '../http/request_head.ts';
import { isSessionCookie, TokenGate } from './token_gate.ts';

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const PREFLIGHT_SECONDS = 600;
/** What a form of any site can send without being asked first. */
const FORM_TYPE = /^\s*(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b|^\s*$/i;

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === '::1';
}

/** Who may use a server. */
export interface AccessSettings {
  /** The secret everybody must bring, if there is one. */
  readonly token?: string | undefined;
  /** Origins of other sites whose pages may use this server, such as `https://grafana.example`. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/**
 * Keeps strangers out, and pages of other sites away from a sampler on the visitor's own machine. A page can make
 * its visitor's browser connect here, but it cannot choose the Origin and Sec-Fetch-Site the browser sends, and
 * when it points a name of its own at 127.0.0.1 (DNS rebinding) that name is in Host.
 */
export class Access {
  readonly #listensOnLoopback: boolean;
  readonly #gate: TokenGate | undefined;
  readonly #overTls: boolean;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #allowedHosts: ReadonlySet<string>;

  /** @param listenHost undefined for a Unix socket, which no page of a browser reaches */
  constructor(listenHost: string | undefined, settings: AccessSettings = {}, overTls = false) {
    const { token, allowedOrigins = [] } = settings;
    this.#listensOnLoopback = listenHost !== undefined && isLoopback(listenHost);
    this.#gate = token === undefined ? undefined : new TokenGate(token);
    this.#overTls = overTls;
    this.#allowedOrigins = new Set(allowedOrigins);
    this.#allowedHosts = new Set(allowedOrigins.map((origin) => new URL(origin).host));
  }

  /**
   * Whether this request was sent on purpose, not by a page of another site.
   *
   * @throws HzstatError FORBIDDEN
   */
  requireOwnSite(head: RequestHead): void {
    const host = head.header('host').toLowerCase();
    const name = host.replace(/:\d+$/, '');
    // A request without a name comes from no browser.
    if (this.#listensOnLoopback && host !== '' && !isLoopback(name) && !this.#allowedHosts.has(host)) {
      throw new HzstatError(
        'FORBIDDEN',
        `this server is reached as 127.0.0.1 or localhost, not as ${JSON.stringify(name)}`,
      );
    }
    const origin = head.header('origin');
    if (origin !== '') {
      if (isOwnOrigin(origin, host) || this.#allowedOrigins.has(origin)) return;
      throw new HzstatError(
        'FORBIDDEN',
        `a page from ${JSON.stringify(origin)} may not use this server; --allow-origin lets it`,
      );
    }
    const site = head.header('sec-fetch-site');
    const isVisit = head.method === 'GET' && head.header('sec-fetch-mode') === 'navigate';
    if ((site === 'cross-site' || site === 'same-site') && !isVisit) {
      throw new HzstatError('FORBIDDEN', 'a page of another site may not use this server');
    }
  }

  /**
   * Whether a change was asked for in a way no form of another site can.
   *
   * @throws HzstatError UNSUPPORTED_MEDIA_TYPE
   */
  requireDeliberate(head: RequestHead): void {
    const isBrowser = head.header('origin') !== '' || head.header('sec-fetch-site') !== '';
    if (!isBrowser || !FORM_TYPE.test(head.header('content-type'))) return;
    throw new HzstatError('UNSUPPORTED_MEDIA_TYPE', 'send the change as application/json');
  }

  /** Whether the request brings what is asked for. */
  isAdmitted(head: RequestHead): boolean {
    const gate = this.#gate;
    if (gate === undefined) return true;
    const token = broughtToken(head);
    if (token !== undefined) return gate.isToken(token);
    return gate.hasCookie(head.header('cookie'));
  }

  /** The token of a first visit, when this is one. */
  firstVisitToken(head: RequestHead): string | undefined {
    if (head.method !== 'GET' || head.path !== '/' || !head.query.includes('token=')) return undefined;
    // A token has no blanks; a plus sign that was not escaped has become one.
    return new URLSearchParams(head.query).get('token')?.replaceAll(' ', '+');
  }

  /** The headers that let a browser in from now on, or undefined when this is not the token. */
  welcome(token: string): Headers | undefined {
    if (this.#gate === undefined) return [];
    return this.#gate.isToken(token) ? this.#gate.setCookie(this.#overTls) : undefined;
  }

  /** The headers that log a browser out, or undefined when no token is wanted. */
  farewell(): Headers | undefined {
    return this.#gate?.removeCookie(this.#overTls);
  }

  /** Lets a page of an allowed origin read the answer. */
  corsHeaders(head: RequestHead): Headers {
    if (this.#allowedOrigins.size === 0) return [];
    const origin = head.header('origin');
    if (!this.#allowedOrigins.has(origin)) return [['Vary', 'Origin']];
    return [
      ['Vary', 'Origin'],
      ['Access-Control-Allow-Origin', origin],
    ];
  }

  /** The answer to a browser that asks whether a page of an allowed origin may send its request. */
  preflightHeaders(head: RequestHead): Headers | undefined {
    if (head.method !== 'OPTIONS' || head.header('access-control-request-method') === '') return undefined;
    if (!this.#allowedOrigins.has(head.header('origin'))) return undefined;
    const headers: [string, string][] = [
      ['Access-Control-Allow-Methods', 'GET, POST, PATCH'],
      ['Access-Control-Allow-Headers', 'Authorization, Content-Type'],
      ['Access-Control-Max-Age', String(PREFLIGHT_SECONDS)],
    ];
    if (head.header('access-control-request-private-network') === 'true')
      headers.push(['Access-Control-Allow-Private-Network', 'true']);
    return headers;
  }
}

/** Whether a request brings a token, or the cookie of one, be it the right one or not. */
export function bringsToken(head: RequestHead): boolean {
  return broughtToken(head) !== undefined || isSessionCookie(head.header('cookie'));
}

function broughtToken(head: RequestHead): string | undefined {
  const authorization = head.header('authorization');
  if (authorization !== '') return /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
  return tokenIn(head.header('sec-websocket-protocol'));
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
