import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillRow, MISFIT } from '../../../src/shared/records/fill_row.ts';
import { layoutOf, slotsOf } from '../../../src/shared/records/layout.ts';
import { Packer } from '../../../src/shared/records/packer.ts';
import { unpack } from '../../../src/shared/records/unpack.ts';

/** What collectors may deliver: any object of JSON values, with any names. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 5 }),
  ),
})).any;
const record = fc.dictionary(fc.string(), value, { maxKeys: 8, noNullPrototype: true });

describe('a packed record', () => {
  test('is the object again when unpacked, whatever was packed before it', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (objects) => {
        const packer = new Packer();
        for (const object of objects) expect(unpack(packer.pack(object))).toEqual(object);
      }),
    );
  });

  test('keeps what it was when the object changes', () => {
    const packer = new Packer();
    const object = { a: 1, deep: { b: [1, null] } };
    const first = packer.pack(object);
    object.a = 2;
    object.deep.b[1] = 5;
    const second = packer.pack(object);
    expect(unpack(first)).toEqual({ a: 1, deep: { b: [1, null] } });
    expect(unpack(second)).toEqual({ a: 2, deep: { b: [1, 5] } });
    expect(second.layout).toBe(first.layout);
  });

  test('does not have what is undefined', () => {
    expect(unpack(new Packer().pack({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  test('has one layout for a text that keeps changing, once it has changed', () => {
    const packer = new Packer();
    const layouts = ['1.0', '1.1', '1.2', '1.33'].map((text) => packer.pack({ text, constant: 'x' }).layout);
    expect(layouts[1]).not.toBe(layouts[0]);
    expect(layouts[2]).toBe(layouts[1]);
    expect(layouts[3]).toBe(layouts[1]);
    expect(slotsOf(layouts[0]!)).toBe(0);
  });
});

describe('an object that differs from a layout', () => {
  const layout = layoutOf({ a: 1, b: { c: true }, d: ['x'], e: [1, 2] });

  test.each([
    ['a key more', { a: 1, b: { c: true }, d: ['x'], e: [1, 2], f: 1 }],
    ['a key less', { a: 1, b: { c: true }, d: ['x'] }],
    ['another name', { A: 1, b: { c: true }, d: ['x'], e: [1, 2] }],
    ['another order', { b: { c: true }, a: 1, d: ['x'], e: [1, 2] }],
    ['another text', { a: 1, b: { c: true }, d: ['y'], e: [1, 2] }],
    ['another length', { a: 1, b: { c: true }, d: ['x'], e: [1] }],
    ['another kind', { a: true, b: { c: true }, d: ['x'], e: [1, 2] }],
    ['a number for an object', { a: 1, b: 1, d: ['x'], e: [1, 2] }],
    ['a list for an object', { a: 1, b: [], d: ['x'], e: [1, 2] }],
  ])('by %s does not fit', (_, object) => {
    expect(fillRow(object, layout, new Float64Array(slotsOf(layout)), 0)).toBe(MISFIT);
  });

  test('by values alone fits', () => {
    const row = new Float64Array(slotsOf(layout));
    expect(fillRow({ a: null, b: { c: false }, d: ['x'], e: [null, 7] }, layout, row, 0)).toBe(row.length);
    expect(unpack({ layout, row })).toEqual({ a: null, b: { c: false }, d: ['x'], e: [null, 7] });
  });
});
