import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type Manifest, readManifest, writeManifest } from '../../../../src/history/segments/manifest.ts';

const folder = mkdtempSync(join(tmpdir(), 'hzstat-manifest-'));
const path = join(folder, 'manifest.json');
afterAll(() => rmSync(folder, { recursive: true }));

const whole = fc.integer({ min: 0, max: 2 ** 48 });
const segment = fc.record(
  {
    table: fc.string(),
    file: fc.string(),
    level: fc.constantFrom('minute', 'hour', 'day'),
    fromMs: whole,
    toMs: whole,
    rows: whole,
    bytes: whole,
    handedOver: fc.constant(true),
  },
  { requiredKeys: ['table', 'file', 'level', 'fromMs', 'toMs', 'rows', 'bytes'] },
);
const manifests: fc.Arbitrary<Manifest> = fc.record({
  version: fc.constant(1),
  segments: fc.array(segment, { maxLength: 5 }),
  garbage: fc.array(fc.record({ file: fc.string(), sinceMs: whole }), { maxLength: 3 }),
  sealedJournals: fc.array(fc.string(), { maxLength: 3 }),
  outbox: fc.array(
    fc.record(
      {
        table: fc.string(),
        file: fc.string(),
        fromMs: whole,
        toMs: whole,
        rows: whole,
        bytes: whole,
        segment: fc.string(),
      },
      { requiredKeys: ['table', 'file', 'fromMs', 'toMs', 'rows', 'bytes'] },
    ),
    { maxLength: 3 },
  ),
});

test('what is written is what is read', async () => {
  await fc.assert(
    fc.asyncProperty(manifests, async (manifest) => {
      await writeManifest(path, manifest);
      expect(readManifest(path)).toEqual(manifest);
    }),
    { numRuns: 30 },
  );
});

test('what was cut off anywhere is no manifest', () => {
  fc.assert(
    fc.property(
      manifests,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (manifest, share) => {
        const text = JSON.stringify(manifest);
        writeFileSync(path, text.slice(0, Math.floor(text.length * share)));
        expect(readManifest(path)).toBeUndefined();
      },
    ),
  );
});

test('one value of another kind makes it no manifest: nobody shall add up texts', () => {
  const damage = fc.constantFrom('table', 'file', 'level', 'fromMs', 'toMs', 'rows', 'bytes');
  fc.assert(
    fc.property(segment, damage, fc.constantFrom(null, 'x', {}, [], true), (sound, name, value) => {
      fc.pre(!(typeof value === 'string' && ['table', 'file'].includes(name)));
      const segments = [{ ...sound, [name]: value }];
      writeFileSync(path, JSON.stringify({ version: 1, segments, garbage: [], sealedJournals: [] }));
      expect(readManifest(path)).toBeUndefined();
    }),
  );
});
