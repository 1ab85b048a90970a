import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameScanner, type FrameShape, Slot } from '../../../src/wire/frame_scanner.ts';

/** The frame as an object again: what the scanner read put into the slots of the outline. */
function filled({ numbers, texts, flags }: FrameScanner, { outline }: FrameShape): unknown {
  const fill = (value: unknown): unknown => {
    if (value instanceof Slot) {
      const { index } = value;
      return texts[index] ?? flags[index] ?? (Number.isNaN(numbers[index]) ? null : numbers[index]);
    }
    if (Array.isArray(value)) return value.map(fill);
    return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, fill(item)]));
  };
  return fill(outline);
}

const scalar = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
// The other decoder refuses that one key.
const key = fc.string({ maxLength: 40 }).filter((text) => text !== '__proto__');
const { map } = fc.letrec((tie) => ({
  map: fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 20 }), tie('map')),
}));

describe('scanning', () => {
  test('finds what another decoder finds, whatever was scanned before', () => {
    const scanner = new FrameScanner();
    fc.assert(
      fc.property(map, (value) => {
        const bytes = encode(value);
        expect(filled(scanner, scanner.scan(bytes))).toEqual(decode(bytes));
      }),
    );
  });

  test('takes frames for alike that differ in values only', () => {
    const scanner = new FrameScanner();
    const shapes = [1, 70_000, -3, 0.5, null, 'text', true].map((value) =>
      scanner.scan(encode({ type: 'snapshot', cpu: { usage: value, per_core: [value, 2] } })),
    );
    expect(new Set(shapes).size).toBe(1);
  });

  test('tells frames apart that differ in keys, lengths or nesting', () => {
    const scanner = new FrameScanner();
    const frames = [{ a: 1, b: 2 }, { a: 1, c: 2 }, { a: 1 }, { a: [1], b: 2 }, { a: { b: 1 }, b: 2 }];
    const shapes = frames.map((frame) => scanner.scan(encode(frame)));
    expect(new Set(shapes).size).toBe(frames.length);
    expect(scanner.scan(encode({ a: 5, b: 6 }))).toBe(shapes[0]);
  });

  test('sees a text that has changed', () => {
    const scanner = new FrameScanner();
    const texts = ['2026-01-05T10:00:00Z', '2026-01-05T10:00:01Z', 'ü', '2026-01-05T10:00:00Z'];
    for (const timestamp of texts) {
      scanner.scan(encode({ timestamp }));
      expect(scanner.texts[0]).toBe(timestamp);
    }
  });

  test('keeps a key that an object would swallow', () => {
    const scanner = new FrameScanner();
    const frame = encode(JSON.parse('{"interfaces":{"__proto__":{"bytes":7}}}'), { ignoreUndefined: true });
    const { outline } = scanner.scan(frame);
    const interfaces: object = Reflect.get(outline, 'interfaces');
    expect(Object.keys(interfaces)).toEqual(['__proto__']);
  });

  test('refuses bytes that are no frame, and reads the next one', () => {
    const scanner = new FrameScanner();
    const whole = encode({ type: 'snapshot', list: [1, 2, 3], text: 'abc' });
    for (let length = 0; length < whole.length; length++) {
      expect(() => scanner.scan(whole.subarray(0, length))).toThrow();
    }
    expect(() => scanner.scan(encode([1, 2]))).toThrow();
    expect(() => scanner.scan(encode('text'))).toThrow();
    expect(() => scanner.scan(new Uint8Array([...whole, 0]))).toThrow();
    expect(() => scanner.scan(new Uint8Array([0xdf, 0xff, 0xff, 0xff, 0xff]))).toThrow();
    expect(filled(scanner, scanner.scan(whole))).toEqual({ type: 'snapshot', list: [1, 2, 3], text: 'abc' });
  });
});
