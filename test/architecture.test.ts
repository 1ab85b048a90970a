import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COLLECTOR_NAMES } from '../src/shared/collector_names.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Which rooms a room may import from, besides itself. The arrows run one way. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/shared': ['src/model'],
  workers: ['src/shared'],
  'src/sampling': ['src/shared'],
  'src/wire': ['src/shared'],
  'src/stream': ['src/model', 'src/shared', 'src/wire'],
  'src/history': ['src/model', 'src/shared', 'src/wire'],
  'src/client': ['src/shared', 'src/wire'],
  'src/dashboard': ['src/shared', 'src/wire', 'src/client'],
  'src/top': ['src/shared', 'src/client'],
  'src/cli': [
    'src/model',
    'src/shared',
    'src/wire',
    'src/client',
    'src/sampling',
    'src/stream',
    'src/history',
    'src/top',
  ],
};

/** What a library is used for has one room. */
const ROOMS_OF_LIBRARY: Readonly<Record<string, readonly string[]>> = {
  piscina: ['src/sampling/'],
  'uWebSockets.js': ['src/stream/engine/uws/'],
  '@duckdb/node-api': ['src/history/'],
  '@duckdb/node-bindings': ['src/history/'],
  msgpackr: ['src/wire/'],
  // Browsers bring WebSocket with them; Node's programs and server do not.
  ws: ['src/client/', 'src/stream/engine/node/'],
  commander: ['src/cli/'],
  'toml-eslint-parser': ['src/cli/config/'],
  leven: ['src/cli/config/'],
  'ansi-escapes': ['src/top/'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The room of a relative import, or the package of a bare one. */
  readonly target: string;
}

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'src' ? `src/${second}` : first;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:from|import|import\()\s*['"]([^'"]+)['"]/g);
  return [...found].map(([, specifier = '']) => ({
    from: file,
    specifier,
    target: specifier.startsWith('.')
      ? roomOf(relative(ROOT, resolve(ROOT, dirname(file), specifier)))
      : specifier,
  }));
}

const files = ['src', 'workers'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path)),
);
const imports = files.flatMap(importsOf);

describe('imports', () => {
  test('every file lives in a room of the table', () => {
    expect(files.filter((file) => MAY_IMPORT[roomOf(file)] === undefined)).toEqual([]);
  });

  test('run one way', () => {
    const forbidden = imports.filter(({ from, specifier, target }) => {
      const room = roomOf(from);
      return specifier.startsWith('.') && target !== room && !MAY_IMPORT[room]?.includes(target);
    });
    expect(forbidden).toEqual([]);
  });

  test('of a library stand in its own room only', () => {
    const strays = imports.filter(({ from, target }) => {
      const rooms = ROOMS_OF_LIBRARY[target];
      return rooms !== undefined && !rooms.some((room) => from.startsWith(room));
    });
    expect(strays).toEqual([]);
  });

  test('shared imports nothing but the declarations', () => {
    const outside = imports.filter(
      ({ from, specifier }) => roomOf(from) === 'src/shared' && !/^\.\.?\/(model\/)?/.test(specifier),
    );
    expect(outside.filter(({ specifier }) => specifier !== 'node:worker_threads')).toEqual([]);
  });
});

describe('the collectors', () => {
  test('are exactly the files of their folder', () => {
    const inFolder = readdirSync(join(ROOT, 'workers/collectors')).map((name) => name.replace(/\.ts$/, ''));
    expect(inFolder.sort()).toEqual([...COLLECTOR_NAMES].sort());
  });

  test.each(COLLECTOR_NAMES)('%s has a test of its own name', (name) => {
    expect(readdirSync(join(ROOT, 'test/workers/collectors'))).toContain(`${name}.test.ts`);
  });
});
