import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillRow, MISFIT } from '../../../src/records/fill_row.ts';
import { layoutOf, type RecordLayout, slotsOf } from '../../../src/records/layout.ts';
import { PackedSnapshot } from '../../../src/records/packed_snapshot.ts';
import { Packer } from '../../../src/records/packer.ts';
import { SnapshotPacker } from '../../../src/records/snapshot_packer.ts';
import { unpack } from '../../../src/records/unpack.ts';
import { wholeSnapshot } from '../../support/snapshots.ts';

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

describe('collectors that are late now and then', () => {
  const COLLECTORS = ['cpu', 'memory', 'network', 'disk', 'perf_events', 'memory_bandwidth'];
  const packer = new SnapshotPacker();

  /** A snapshot in which the collectors whose bits are set are late. */
  function layoutWhere(late: number): RecordLayout {
    const snapshot = wholeSnapshot(1);
    const { collectors } = snapshot.sampling;
    for (const [bit, name] of COLLECTORS.entries()) {
      if (((late >> bit) & 1) === 0) continue;
      delete snapshot[name as 'cpu'];
      collectors[name] = { state: 'late', missed_ticks: 1 };
    }
    return packer.pack(snapshot).layout;
  }

  test('make no new layout, whichever of them it is, once each has been seen', () => {
    const sets = Array.from({ length: 2 ** COLLECTORS.length }, (_, late) => late);
    const seen = sets.map(layoutWhere);
    expect(new Set(seen).size).toBe(sets.length);
    for (const late of sets.toReversed()) expect(layoutWhere(late)).toBe(seen[late]);
  });

  test('are forgotten rather than remembered without end', () => {
    const some = packer.pack(wholeSnapshot(1));
    const another = (i: number) => {
      const parts = new Map([
        [`c${i}`, some.sampling],
        ['sampling', some.sampling],
      ]);
      return new PackedSnapshot(i, some.moment, parts).layout;
    };
    const first = another(0);
    expect(another(0)).toBe(first);
    for (let i = 1; i < 1_000; i++) another(i);
    expect(another(0)).not.toBe(first);
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
