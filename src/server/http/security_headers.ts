import type { Headers } from '../engine/engine.ts';

/** Sent with every answer: no page or figure may be framed, sniffed, cached or passed to other sites. */
const EVERY_ANSWER: Headers = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
];

/** A page runs its own scripts and styles, talks to its own server, and that is all. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const EVERY_PAGE: Headers = [...EVERY_ANSWER, ['Content-Security-Policy', CONTENT_SECURITY_POLICY]];

/**
 * The headers that keep an answer of this type from being misused.
 *
 * @param policy of a page that may do other things than the dashboard
 */
export function securityHeaders(contentType: string, policy?: string): Headers {
  if (policy !== undefined) {
    // A form of a page that tells nobody where it comes from has the origin "null".
    const others = EVERY_ANSWER.filter(([name]) => name !== 'Referrer-Policy');
    return [...others, ['Referrer-Policy', 'same-origin'], ['Content-Security-Policy', policy]];
  }
  return contentType.startsWith('text/html') ? EVERY_PAGE : EVERY_ANSWER;
}
