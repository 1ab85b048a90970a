import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Headers } from '../engine/engine.ts';

export const COOKIE_DAYS = 30;
const SECONDS_PER_DAY = 86_400;

/** Whether there is a cookie that this or another hzstat of the same host has set. */
export function isSessionCookie(cookies: string): boolean {
  return /(^|; *)hzstat_[0-9a-f]{8}=/.test(cookies);
}

/**
 * Knows the token without telling it. Programs bring the token itself; a browser is given a cookie that proves it
 * has brought it once, and from which the token cannot be had.
 */
export class TokenGate {
  readonly #key = randomBytes(32);
  readonly #tokenDigest: Buffer;
  readonly #cookieName: string;
  readonly #cookieDigest: Buffer;
  readonly #cookie: string;

  constructor(token: string) {
    const value = createHmac('sha256', token).update('hzstat session').digest('base64url');
    // Cookies do not know ports: two servers on one host must not take each other's away.
    this.#cookieName = `hzstat_${createHmac('sha256', token).update('hzstat name').digest('hex').slice(0, 8)}`;
    this.#cookie = `${this.#cookieName}=${value}`;
    this.#tokenDigest = this.#digest(token);
    this.#cookieDigest = this.#digest(value);
  }

  /** Whether this is the token; takes as long whatever is wrong with it. */
  isToken(text: string): boolean {
    return timingSafeEqual(this.#digest(text), this.#tokenDigest);
  }

  /** Whether one of the cookies of a request was set by this server. */
  hasCookie(cookies: string): boolean {
    const prefix = `${this.#cookieName}=`;
    const ours = cookies.split(/;\s*/).find((cookie) => cookie.startsWith(prefix));
    return ours !== undefined && timingSafeEqual(this.#digest(ours.slice(prefix.length)), this.#cookieDigest);
  }

  /** The header that lets a browser in from now on. */
  setCookie(overTls: boolean): Headers {
    return cookieHeader(this.#cookie, COOKIE_DAYS * SECONDS_PER_DAY, overTls);
  }

  /** The header that takes it away again. */
  removeCookie(overTls: boolean): Headers {
    return cookieHeader(`${this.#cookieName}=`, 0, overTls);
  }

  /** Texts of any length become digests of one, under a key nobody else has. */
  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function cookieHeader(cookie: string, seconds: number, overTls: boolean): Headers {
  const attributes = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
  return [['Set-Cookie', `${cookie}; ${attributes}${overTls ? '; Secure' : ''}`]];
}
