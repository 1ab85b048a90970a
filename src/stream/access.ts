import type { HttpRequest } from 'uWebSockets.js';
import { HzstatError } from '../shared/errors.ts';

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === '::1';
}

/** The parts of a request that say who sent it. */
export interface Credentials {
  readonly host: string;
  /** Empty when there is none: only browsers send it. */
  readonly origin: string;
}

/**
 * Keeps pages of other sites away from a sampler on the visitor's own machine. A page can make its visitor's
 * browser connect here, but it cannot choose the Origin the browser sends, and when it points a name of its own
 * at 127.0.0.1 (DNS rebinding) that name is in Host.
 */
export class Access {
  readonly #listensOnLoopback: boolean;

  constructor(listenHost: string) {
    this.#listensOnLoopback = isLoopback(listenHost);
  }

  /** @throws HzstatError FORBIDDEN */
  check({ host, origin }: Credentials): void {
    const name = host.replace(/:\d+$/, '');
    if (this.#listensOnLoopback && !isLoopback(name)) {
      throw new HzstatError(
        'FORBIDDEN',
        `this server is reached as 127.0.0.1 or localhost, not as "${name}"`,
      );
    }
    if (origin === '' || origin === `http://${host}` || origin === `https://${host}`) return;
    throw new HzstatError('FORBIDDEN', `a page from ${origin} may not use this server`);
  }
}

export function credentialsOf(request: HttpRequest): Credentials {
  return { host: request.getHeader('host'), origin: request.getHeader('origin') };
}
