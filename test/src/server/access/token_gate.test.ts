import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenGate } from '../../../../src/server/access/token_gate.ts';

const tokens = fc.string({ unit: fc.constantFrom(...'abcXYZ019+/=_-.~!'), minLength: 1, maxLength: 80 });

function cookieOf(gate: TokenGate): string {
  const [[, value] = ['', '']] = gate.setCookie(false);
  return value.split(';', 1)[0]!;
}

describe('a gate', () => {
  test('opens to its token and to nothing else', () => {
    fc.assert(
      fc.property(tokens, tokens, (token, other) => {
        const gate = new TokenGate(token);
        expect(gate.isToken(token)).toBe(true);
        expect(gate.isToken(other)).toBe(token === other);
        expect(gate.isToken('')).toBe(false);
        expect(gate.isToken(`${token} `)).toBe(false);
      }),
    );
  });

  test('opens to its own cookie, among others, and to no other gate’s', () => {
    fc.assert(
      fc.property(tokens, tokens, (token, other) => {
        const gate = new TokenGate(token);
        const cookie = cookieOf(gate);
        expect(gate.hasCookie(cookie)).toBe(true);
        expect(gate.hasCookie(`theme=dark; ${cookie};x=y`)).toBe(true);
        expect(gate.hasCookie(cookieOf(new TokenGate(other)))).toBe(token === other);
        expect(gate.hasCookie(cookie.slice(0, -1))).toBe(false);
        expect(gate.hasCookie(`x${cookie}`)).toBe(false);
        expect(gate.hasCookie('')).toBe(false);
      }),
    );
  });

  test('gives a cookie that outlives the server and does not hold the token', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40 }), (token) => {
        const cookie = cookieOf(new TokenGate(token));
        expect(cookie).toBe(cookieOf(new TokenGate(token)));
        expect(cookie).not.toContain(token);
        expect(cookie).toMatch(/^hzstat_[0-9a-f]{8}=[\w-]{43}$/);
      }),
    );
  });

  test('hides the cookie from scripts, other sites and, over TLS, from the wire', () => {
    const [[name, value] = ['', '']] = new TokenGate('secret').setCookie(true);
    expect(name).toBe('Set-Cookie');
    expect(value.split('; ').slice(1)).toEqual([
      'Path=/',
      'Max-Age=2592000',
      'HttpOnly',
      'SameSite=Strict',
      'Secure',
    ]);
  });
});
