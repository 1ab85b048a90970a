import { describe, expect, test } from 'vitest';
import {
  parsePosition,
  parseSubscription,
  subscriptionKey,
  type Wishes,
} from '../../../../src/server/subscriptions/subscription.ts';

const SOURCE = { intervalMs: 100, collectors: [{ name: 'cpu' }] };
const NOTHING: Wishes = {
  format: null,
  interval: null,
  collectors: null,
  aggregate: null,
  protocol: null,
  incidents: null,
};
const NO_RUN = { run: null, after: null };
const RUN = 'this-run';
const NOW_MS = Date.UTC(2026, 0, 5);

const zeros = (count: number): string => '0'.repeat(count);

describe('an interval a client asks for', () => {
  test.each([
    '1e303ms',
    `1${zeros(303)}ms`,
    `1${zeros(400)}d`,
    '25h',
    '86400001ms',
    '-1s',
    '0s',
    'NaNs',
    'Infinitys',
    '0x10s',
    '',
  ])('of %j is refused', (interval) => {
    const wishes = { ...NOTHING, interval };
    expect(() => parseSubscription(wishes, SOURCE)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test.each([
    ['100ms', 0],
    ['250ms', 300],
    ['1d', 86_400_000],
  ])('of %s becomes whole ticks', (interval, intervalMs) => {
    expect(parseSubscription({ ...NOTHING, interval }, SOURCE)).toMatchObject({ intervalMs });
  });
});

describe('a protocol a client asks for', () => {
  test.each([
    ['msgpack-records', null, 1],
    ['msgpack-records', '1', 1],
    ['msgpack-records', '2', 2],
    ['msgpack', '2', 1],
    ['json', '2', 1],
  ])('of %s, %s, is one there is', (format, protocol, spoken) => {
    expect(parseSubscription({ ...NOTHING, format, protocol }, SOURCE)).toMatchObject({ protocol: spoken });
  });

  test.each(['0', '3', '2.0', 'two', ''])('of %j is refused', (protocol) => {
    const wishes = { ...NOTHING, format: 'msgpack-records', protocol };
    expect(() => parseSubscription(wishes, SOURCE)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test('makes other bytes, and so another topic', () => {
    const [one, two] = ['1', '2'].map((protocol) =>
      subscriptionKey(parseSubscription({ ...NOTHING, format: 'msgpack-records', protocol }, SOURCE)),
    );
    expect(one).not.toBe(two);
  });
});

describe('a position a client asks for', () => {
  test.each([
    `1${zeros(20)}`,
    '9007199254740993',
    `1${zeros(400)}`,
    '1e21',
    '1.5',
    'Infinity',
    '2026-99-99',
    '9999999-01-01T00:00:00Z',
  ])('of %j is refused', (since) => {
    expect(() => parsePosition(since, RUN, NO_RUN, NOW_MS)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
  });

  test.each(['+275760-01-01T00:00:00Z', '-271821-04-20T00:00:00Z', 'no time'])(
    'after %j in another run is refused, because its text cannot be compared',
    (after) => {
      expect(() => parsePosition('5', RUN, { run: 'another', after }, NOW_MS)).toThrow(
        expect.objectContaining({ code: 'BAD_REQUEST' }),
      );
    },
  );

  test.each([
    ['-9007199254740991', { sequence: -1 }],
    ['0', { sequence: 0 }],
    [`1${zeros(300)}d`, { timestamp: '1970-01-01T00:00:00.000Z' }],
    ['10m', { timestamp: '2026-01-04T23:50:00.000Z' }],
    ['2026-01-02T03:04:05.123456Z', { timestamp: '2026-01-02T03:04:05.123456Z' }],
    ['2026-1-2 03:04:05.123456Z', { timestamp: '2026-01-02T03:04:05.123Z' }],
  ])('of %j is %j', (since, position) => {
    expect(parsePosition(since, RUN, NO_RUN, NOW_MS)).toEqual(position);
  });
});

describe('a collector a client asks for', () => {
  const source = { ...SOURCE, notStarted: ['interrupts'] };
  const asked = (collectors: string) => () => parseSubscription({ ...NOTHING, collectors }, source);

  test('and that is not started is told from one there is not', () => {
    expect(asked('interrupts')).toThrow(
      'the collector "interrupts" is not started; "hzstat collectors on interrupts" starts it',
    );
    expect(asked('cp')).toThrow('there is no collector "cp"; there is cpu; the nearest is "cpu"');
  });
});
