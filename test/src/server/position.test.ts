import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { parsePosition } from '../../../src/server/subscriptions/subscription.ts';

const RUN = 'a-run';
const NOW_MS = Date.UTC(2026, 0, 5, 10);
const unknown = { run: null, after: null };

describe('where a client begins', () => {
  test('is a place or an error, whatever it asks for', () => {
    fc.assert(
      fc.property(fc.string(), (since) => {
        try {
          const position = parsePosition(since, RUN, unknown, NOW_MS);
          const isPlace =
            position !== undefined &&
            ('sequence' in position || !Number.isNaN(Date.parse(position.timestamp)));
          expect(isPlace).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(HzstatError);
          expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        }
      }),
    );
  });

  test('is the number it has seen, in the same run', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (sequence) => {
        const text = String(sequence);
        expect(parsePosition(text, RUN, { run: RUN, after: null }, NOW_MS)).toEqual({ sequence });
        // Of another run the number means nothing, and there is no time to go by.
        expect(parsePosition(text, RUN, { run: 'another', after: null }, NOW_MS)).toEqual({ sequence: -1 });
      }),
    );
  });

  test('is as far back as it asks for, or up to a second more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 0, max: 999 }), (ms, offset) => {
        const nowMs = NOW_MS + offset;
        const position = parsePosition(`${ms}ms`, RUN, unknown, nowMs);
        const atMs =
          position !== undefined && 'timestamp' in position ? Date.parse(position.timestamp) : Number.NaN;
        expect(atMs).toBeLessThanOrEqual(nowMs - ms);
        expect(atMs).toBeGreaterThan(nowMs - ms - 1_000);
      }),
    );
  });
});
