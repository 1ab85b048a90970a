import { HzstatError } from '../../base/errors.ts';
import type { Exchange, Headers } from '../engine/engine.ts';
import type { Reply } from '../http/reply.ts';
import { type RequestHead, readHead } from '../http/request_head.ts';
import type { ConnectionLimits } from '../limits/connection_limits.ts';
import { type Peer, peerOf } from '../limits/peer.ts';
import { PeerAllowances } from '../limits/peer_allowances.ts';
import { type Access, bringsToken } from './access.ts';
import { LOGIN_POLICY, loginPage, returnPage } from './login_page.ts';
import { COOKIE_DAYS } from './token_gate.ts';

/** Wrong tokens a peer may bring, before it has to wait: a second, or at once. */
const WRONG_TOKENS_PER_SECOND = 0.2;
const WRONG_TOKENS_AT_ONCE = 20;

/** Somebody who was let in. */
export interface Visitor {
  readonly head: RequestHead;
  readonly peer: Peer;
}

/**
 * What every request passes before anything is done for it, be it HTTP or the upgrade to a stream: is there room,
 * was it sent on purpose, does it bring the token.
 */
export class Door {
  readonly limits: ConnectionLimits;
  readonly #access: Access;
  readonly #wrongTokens = new PeerAllowances(WRONG_TOKENS_PER_SECOND, WRONG_TOKENS_AT_ONCE);

  constructor(access: Access, limits: ConnectionLimits) {
    this.#access = access;
    this.limits = limits;
  }

  /** Counts a connection; false when there are too many for it even to be told so. */
  connected(address: string): boolean {
    return this.limits.opened(peerOf(address));
  }

  disconnected(): void {
    this.limits.closed();
  }

  /**
   * Lets a request in, or has it answered here, which is when the result is undefined.
   *
   * @throws HzstatError TOO_MANY_CONNECTIONS, TOO_MANY_REQUESTS, HEADERS_TOO_LARGE, BAD_REQUEST, FORBIDDEN,
   *   UNAUTHORIZED
   */
  admit(reply: Reply, exchange: Exchange): Visitor | undefined {
    const peer = peerOf(exchange.address);
    if (!this.limits.keepsAlive) reply.closeAfter();
    this.limits.requireRoom(peer);
    const head = readHead(exchange);
    const access = this.#access;
    access.requireOwnSite(head);
    reply.add(access.corsHeaders(head));
    const preflight = access.preflightHeaders(head);
    if (preflight !== undefined) {
      reply.add(preflight);
      reply.empty(204);
      return undefined;
    }
    const nowMs = performance.now();
    if (this.#wrongTokens.isSpent(peer, nowMs)) {
      throw new HzstatError(
        'TOO_MANY_REQUESTS',
        'too many wrong tokens came from your address; wait a while',
      );
    }
    if (head.method === 'POST' && this.#session(reply, head, peer)) return undefined;
    const firstVisit = access.firstVisitToken(head);
    if (firstVisit !== undefined) {
      const welcome = access.welcome(firstVisit);
      if (welcome === undefined) {
        const refusal = this.#wrongToken(peer, nowMs);
        if (!wantsPage(head)) throw refusal;
        reply.page(loginPage(COOKIE_DAYS, NOT_THE_TOKEN), 401, LOGIN_POLICY);
        return undefined;
      }
      reply.add(welcome);
      // A browser that followed a link on another site would not send the new cookie along a redirection.
      if (head.header('sec-fetch-site') === 'cross-site') reply.page(FORWARDING_PAGE);
      else {
        reply.add([['Location', '/']]);
        reply.empty(303);
      }
      return undefined;
    }
    // Coming without a token costs nothing, bringing a wrong one does.
    if (!access.isAdmitted(head)) {
      const isWrong = bringsToken(head);
      const refusal = isWrong ? this.#wrongToken(peer, nowMs) : undefined;
      if (wantsPage(head)) {
        if (!isWrong && head.header('sec-fetch-site') === 'cross-site') {
          reply.page(returnPage(), 401, LOGIN_POLICY);
          return undefined;
        }
        const old = isWrong
          ? 'Your browser was logged in with another token, or to another server of this host.'
          : undefined;
        reply.page(loginPage(COOKIE_DAYS, old), 401, LOGIN_POLICY);
        return undefined;
      }
      if (refusal !== undefined) throw refusal;
      throw new HzstatError('UNAUTHORIZED', `this server wants its token: ${HOW_TO_BRING_TOKEN}`);
    }
    if (head.method === 'GET' && head.path === '/login' && access.farewell() !== undefined) {
      reply.add(TO_THE_PAGE);
      reply.empty(303);
      return undefined;
    }
    if (head.method !== 'GET' && head.method !== 'POST') access.requireDeliberate(head);
    return { head, peer };
  }

  /** Logs a browser in or out with a form; false when that is not what is asked. */
  #session(reply: Reply, head: RequestHead, peer: Peer): boolean {
    const farewell = this.#access.farewell();
    if (farewell === undefined) return false;
    if (head.path === '/logout') {
      reply.add(farewell);
      reply.add(TO_THE_PAGE);
      reply.empty(303);
      return true;
    }
    if (head.path !== '/login') return false;
    reply
      .body(MOST_FORM_BYTES)
      .then((form) => this.#login(reply, peer, new URLSearchParams(form).get('token') ?? ''))
      .catch((error: unknown) => reply.error(error));
    return true;
  }

  #login(reply: Reply, peer: Peer, token: string): void {
    const welcome = this.#access.welcome(token.trim());
    if (welcome !== undefined) {
      reply.add(welcome);
      reply.add(TO_THE_PAGE);
      reply.empty(303);
      return;
    }
    this.#wrongToken(peer, performance.now());
    reply.page(loginPage(COOKIE_DAYS, NOT_THE_TOKEN), 401, LOGIN_POLICY);
  }

  #wrongToken(peer: Peer, nowMs: number): HzstatError {
    this.#wrongTokens.take(peer, nowMs);
    return new HzstatError('UNAUTHORIZED', `that is not the token of this server: ${HOW_TO_BRING_TOKEN}`);
  }
}

/** Whether a person has opened the dashboard in a browser, to whom a form says more than JSON. */
function wantsPage(head: RequestHead): boolean {
  const isPath = head.path === '/' || head.path === '/login';
  return head.method === 'GET' && isPath && head.header('accept').includes('text/html');
}

const NOT_THE_TOKEN = 'That is not the token of this server.';
const MOST_FORM_BYTES = 4096;
const TO_THE_PAGE: Headers = [['Location', '/']];

const HOW_TO_BRING_TOKEN = 'send "Authorization: Bearer <token>", or open /?token=<token> in a browser once';

const FORWARDING_PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>hzstat</title><a href="/">hzstat</a></html>\n';
