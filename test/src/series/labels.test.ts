import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelsOf } from '../../../src/series/labels.ts';
import { Exposition } from '../../support/exposition.ts';

test.each([
  ['plain', '{device="plain"}'],
  ['a "quoted" name', '{device="a \\"quoted\\" name"}'],
  ['back\\slash', '{device="back\\\\slash"}'],
  ['line\nfeed', '{device="line\\nfeed"}'],
  ['\\n is not a line feed', '{device="\\\\n is not a line feed"}'],
  ['{braces}, commas = and # marks', '{device="{braces}, commas = and # marks"}'],
  ['größe ☃ 磁盘', '{device="größe ☃ 磁盘"}'],
  ['', '{device=""}'],
])('%j becomes %s', (device, labels) => {
  expect(labelsOf({ device }).text).toBe(labels);
});

test('labels keep their order', () => {
  expect(labelsOf({ mount_point: '/', device: '/dev/vda', filesystem: 'ext4' }).text).toBe(
    '{mount_point="/",device="/dev/vda",filesystem="ext4"}',
  );
});

test('whatever a thing is called, a reader gets it back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (a, b) => {
        const text = `# HELP x x\n# TYPE x gauge\nx${labelsOf({ a, b }).text} 1\n`;
        expect(new Exposition(text).families.get('x')?.series).toEqual([{ labels: { a, b }, value: 1 }]);
      },
    ),
  );
});
