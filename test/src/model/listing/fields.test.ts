import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL_MODELS, COLLECTOR_NAMES, MODELS } from '../../../../src/model/collectors.ts';
import type { Fields } from '../../../../src/model/field.ts';
import { FIELDS } from '../../../../src/model/listing/fields.ts';
import { fieldsPage } from '../../../../src/model/listing/fields_page.ts';
import { wholeSnapshot } from '../../../support/snapshots.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** The paths of everything in a value, with `*` for the names and places the declarations call so. */
function pathsIn(value: unknown, path: string, stars: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => {
    const below = path === '' ? key : `${path}.${stars.includes(path) ? '*' : key}`;
    return pathsIn(child, below, stars);
  });
}

const STARS = ALL_MODELS.flatMap(({ name, maps = {}, lists = {}, entries }) => [
  ...[...Object.keys(maps), ...Object.keys(lists)].map((key) => `${name}.${key}`),

  ...(entries === undefined ? [] : [name]),
]);

/** What a snapshot says besides the fields of its collectors. */
const NO_FIELDS =
  /^(type|timestamp)$|^sampling\.(budget|history)\b|^sampling\.collectors\.\*\.(message|sources)\b/;

describe('the declarations', () => {
  test('are one for each collector, in the order of a snapshot', () => {
    expect(Object.keys(MODELS)).toEqual([...COLLECTOR_NAMES]);
    expect(Object.entries(MODELS).filter(([name, model]) => model.name !== name)).toEqual([]);
  });

  test('name every field of a whole snapshot', () => {
    const declared = new Set(FIELDS.map(({ path }) => path));
    const missing = new Set(
      pathsIn(wholeSnapshot(1), '', STARS).filter((path) => !declared.has(path) && !NO_FIELDS.test(path)),
    );
    expect([...missing]).toEqual([]);
  });

  test('say of each field once where it is in SQL, and what it means, in a sentence', () => {
    const columns = FIELDS.flatMap(({ sql }) => (sql === null ? [] : [`${sql.table}.${sql.column}`]));
    expect(columns.filter((column, index) => columns.indexOf(column) !== index)).toEqual([]);
    for (const { path, meaning, source } of FIELDS) {
      expect(meaning, path).toMatch(/^[A-Z`].*\.$|^ok, /);
      expect(source, path).not.toBe('');
    }
  });

  test('say of what each rate and each mean is taken, and it is there', () => {
    const groups: Fields[] = ALL_MODELS.flatMap(({ fields, maps = {}, entries }) => [
      fields,
      ...Object.values(maps).map((map) => map.fields),
      ...(entries === undefined ? [] : [entries.fields]),
    ]);
    for (const fields of groups) {
      for (const [name, { kind, of }] of Object.entries(fields)) {
        expect(kind === 'rate' || kind === 'mean', name).toBe(of !== undefined);
        if (kind === 'mean') expect(fields[of!]?.kind, name).toBe('counter');
      }
    }
  });

  test('say why whatever can be missing is missing', () => {
    const silent = ALL_MODELS.flatMap(({ fields, maps = {}, lists = {}, entries }) =>
      [
        ...Object.entries(fields),
        ...Object.values(maps).flatMap((map) => Object.entries(map.fields)),
        ...Object.entries(lists).map(([name, { field }]) => [name, field] as const),
        ...Object.entries(entries?.fields ?? {}),
      ].filter(([, { presence, absent }]) => (presence === 'always') !== (absent === '')),
    );
    expect(silent).toEqual([]);
  });

  test('are what docs/fields.md shows; "npm run docs" makes it anew', () => {
    expect(readFileSync(join(ROOT, 'docs/fields.md'), 'utf8')).toBe(fieldsPage());
  });
});
