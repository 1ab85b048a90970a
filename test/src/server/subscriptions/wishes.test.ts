import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HzstatError } from '../../../../src/base/errors.ts';
import { formatDurationMs } from '../../../../src/base/units.ts';
import {
  parseSubscription,
  type Subscription,
  subscriptionKey,
  type Wishes,
} from '../../../../src/server/subscriptions/subscription.ts';

const NAMES = ['cpu', 'memory', 'disk'];
const TICK_MS = 100;
const SOURCE = { intervalMs: TICK_MS, collectors: NAMES.map((name) => ({ name })) };

const word = fc.oneof(fc.constant(null), fc.string({ maxLength: 12 }));
const names = fc
  .subarray(NAMES, { minLength: 1 })
  .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }));
const sound: fc.Arbitrary<Wishes> = fc.record({
  format: fc.constantFrom(null, 'msgpack', 'json', 'msgpack-records'),
  interval: fc.oneof(fc.constant(null), fc.integer({ min: TICK_MS, max: 86_400_000 }).map(formatDurationMs)),
  collectors: fc.oneof(
    fc.constant(null),
    names.map((chosen) => chosen.join(', ')),
  ),
  aggregate: fc.constantFrom(null, 'mean', 'minmax'),
  protocol: fc.constantFrom(null, '1', '2'),
  incidents: fc.constantFrom(null, 'yes', 'no'),
});
const any: fc.Arbitrary<Wishes> = fc.record({
  format: word,
  interval: word,
  collectors: word,
  aggregate: word,
  protocol: word,
  incidents: word,
});

test('whatever a client wishes for, it is a subscription or a bad request', () => {
  fc.assert(
    fc.property(fc.oneof(any, sound), (wishes) => {
      try {
        parseSubscription(wishes, SOURCE);
      } catch (error) {
        expect(error).toBeInstanceOf(HzstatError);
        expect(error).toMatchObject({ code: 'BAD_REQUEST' });
      }
    }),
  );
});

test('an interval is whole ticks, and never shorter than was asked for', () => {
  fc.assert(
    fc.property(sound, fc.integer({ min: TICK_MS, max: 86_400_000 }), (wishes, ms) => {
      const { intervalMs } = parseSubscription({ ...wishes, interval: `${ms}ms` }, SOURCE);
      expect(intervalMs % TICK_MS).toBe(0);
      expect(intervalMs || TICK_MS).toBeGreaterThanOrEqual(ms);
      expect(intervalMs).toBeLessThan(ms + TICK_MS);
    }),
  );
});

test('collectors come in the order of the sampler, each once', () => {
  fc.assert(
    fc.property(sound, ({ collectors, ...wishes }) => {
      const { collectors: chosen = NAMES } = parseSubscription({ ...wishes, collectors }, SOURCE);
      const wanted = collectors === null ? NAMES : collectors.split(', ');
      expect(chosen).toEqual(NAMES.filter((name) => wanted.includes(name)));
    }),
  );
});

test('two subscriptions have one key when they get the same snapshots, and only then', () => {
  fc.assert(
    fc.property(sound, sound, (one, other) => {
      const [a, b] = [one, other].map((wishes) =>
        parseSubscription({ ...wishes, incidents: null }, SOURCE),
      ) as [Subscription, Subscription];
      const areSame = JSON.stringify(a) === JSON.stringify(b);
      expect(subscriptionKey(a) === subscriptionKey(b)).toBe(areSame);
    }),
  );
});
