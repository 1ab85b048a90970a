import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionLimits } from '../../../../src/server/limits/connection_limits.ts';
import { PeerAllowances } from '../../../../src/server/limits/peer_allowances.ts';

let nowMs = 0;
let limits: ConnectionLimits;
beforeEach(() => {
  nowMs = 1_000;
  limits = new ConnectionLimits(
    { connections: 20, streamsPerPeer: 2, newPerSecond: 50, newPerSecondPerPeer: 3 },
    () => nowMs,
  );
});

/** How many of so many new connections are let in. */
function arrive(peer: string | undefined, count: number): number {
  return Array.from({ length: count }, () => limits.opened(peer)).filter(Boolean).length;
}

function leave(count: number): void {
  for (let i = 0; i < count; i++) limits.closed();
}

describe('connections', () => {
  test('beyond the limit are told, beyond that cut, and counted either way', () => {
    expect(arrive(undefined, 20)).toBe(20);
    expect(() => limits.requireRoom(undefined)).not.toThrow();
    expect(arrive(undefined, 3)).toBe(1);
    expect(() => limits.requireRoom(undefined)).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_CONNECTIONS' }),
    );
    leave(3);
    expect(() => limits.requireRoom(undefined)).not.toThrow();
  });

  test('stay open while there is room', () => {
    arrive(undefined, 10);
    expect(limits.keepsAlive).toBe(true);
    arrive(undefined, 1);
    expect(limits.keepsAlive).toBe(false);
  });

  test('of this machine come as fast as all together may', () => {
    let arrived = 0;
    for (let i = 0; i < 200; i++) {
      arrived += arrive(undefined, 1);
      leave(1);
    }
    expect(arrived).toBe(100);
    nowMs += 100;
    expect(arrive(undefined, 10)).toBe(5);
  });

  test('of one peer come at its own pace, and it is told so for a second', () => {
    expect(arrive('a', 6)).toBe(6);
    expect(() => limits.requireRoom('a')).not.toThrow();
    expect(arrive('a', 7)).toBe(6);
    expect(() => limits.requireRoom('a')).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }));
    expect(() => limits.requireRoom('b')).not.toThrow();
    expect(arrive('b', 1)).toBe(1);
    nowMs += 1_000;
    expect(() => limits.requireRoom('a')).not.toThrow();
    leave(14);
    expect(arrive('a', 3)).toBe(3);
    expect(() => limits.requireRoom('a')).not.toThrow();
  });
});

describe('streams', () => {
  test('of one peer are few, of this machine as many as there are connections', () => {
    for (let i = 0; i < 10; i++) limits.streamOpened(undefined);
    limits.streamOpened('a');
    limits.streamOpened('a');
    expect(() => limits.streamOpened('a')).toThrow(expect.objectContaining({ code: 'TOO_MANY_STREAMS' }));
    limits.streamOpened('b');
    limits.streamClosed('a');
    expect(() => limits.streamOpened('a')).not.toThrow();
  });
});

test('peers without number are not remembered without end', () => {
  const allowances = new PeerAllowances(1, 2);
  for (let i = 0; i < 30_000; i++) expect(allowances.take(`peer ${i}`, i)).toBe(true);
  allowances.take('last', 30_000);
  expect(allowances.take('last', 30_000)).toBe(true);
  expect(allowances.take('last', 30_000)).toBe(false);
  expect(allowances.isSpent('last', 30_000)).toBe(true);
  expect(allowances.isSpent('last', 31_000)).toBe(false);
});
