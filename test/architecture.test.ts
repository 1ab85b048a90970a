import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COLLECTOR_NAMES } from '../src/model/collectors.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Which rooms a room may import from, besides itself. The arrows run one way. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/base': [],
  'src/records': ['src/model', 'src/base'],
  'src/watching': ['src/model', 'src/base', 'src/records'],
  'src/handover': ['src/model', 'src/base', 'src/records', 'src/watching'],
  'src/incidents': ['src/model', 'src/base', 'src/watching'],
  workers: ['src/model', 'src/base', 'src/records', 'src/watching', 'src/handover', 'src/incidents'],
  'src/sampling': ['src/model', 'src/base', 'src/records', 'src/watching', 'src/handover'],
  'src/series': ['src/model', 'src/base', 'src/records'],
  'src/wire': ['src/model', 'src/base', 'src/records'],
  'src/server': ['src/model', 'src/base', 'src/series', 'src/records', 'src/wire'],
  'src/history': ['src/model', 'src/base', 'src/records', 'src/wire'],
  'src/forward': ['src/model', 'src/base', 'src/series', 'src/records', 'src/wire', 'src/history'],
  'src/client': ['src/model', 'src/base', 'src/wire'],
  'src/dashboard': ['src/model', 'src/base', 'src/wire', 'src/client'],
  'src/top': ['src/model', 'src/base', 'src/client'],
  'src/service': [
    'src/model',
    'src/base',
    'src/wire',
    'src/watching',
    'src/sampling',
    'src/server',
    'src/history',
    'src/incidents',
    'src/forward',
  ],
  'src/cli': [
    'src/model',
    'src/base',
    'src/client',
    'src/series',
    'src/sampling',
    'src/server',
    'src/history',
    'src/incidents',
    'src/forward',
    'src/top',
    'src/service',
  ],
  bench: [
    'src/model',
    'src/base',
    'src/records',
    'src/watching',
    'src/handover',
    'src/wire',
    'src/sampling',
    'src/server',
    'src/history',
    'src/incidents',
    'src/forward',
    'src/client',
    'src/service',
    'workers',
  ],
};

/**
 * Rooms within a room, in the order in which they may import each other: each from those before it. What stands in
 * the room itself puts them together, and may import them all.
 */
const INNER_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/server': [
    'limits',
    'engine',
    'source',
    'http',
    'engines',
    'access',
    'subscriptions',
    'thinning',
    'clients',
    'topics',
    'stream',
    'metrics',
    'routes',
  ],
  'src/history': [
    'rows',
    'tables',
    'engine',
    'segments',
    'journal',
    'sealing',
    'merging',
    'queries',
    'archives',
    'writer',
  ],
  'src/forward': ['encoding', 'reading', 'folding', 'sending', 'lake'],
  'src/wire': ['protocol', 'packing', 'records'],
  'src/dashboard': [
    'view',
    'data',
    'words',
    'drawing',
    'happenings',
    'controls',
    'saving',
    'kinds',
    'panels',
    'sql',
    'page',
  ],
  'src/top': ['figures', 'drawing', 'view', 'rows', 'panels', 'layout'],
  'src/cli': ['options', 'help', 'findings', 'commands', 'config'],
  workers: [
    'base',
    'parse',
    'files',
    'host',
    'counters',
    'perf',
    'cgroups',
    'evidence',
    'collectors',
    'custom',
  ],
};
const MOST_FILES = 16;

/** What a library is used for has one room. */
const ROOMS_OF_LIBRARY: Readonly<Record<string, readonly string[]>> = {
  piscina: ['src/sampling/'],
  'uWebSockets.js': ['src/server/engines/uws/'],
  '@duckdb/node-api': ['src/history/'],
  '@duckdb/node-bindings': ['src/history/'],
  snappyjs: ['src/forward/encoding/'],
  msgpackr: ['src/wire/'],
  // Browsers bring WebSocket with them; Node's programs and server do not.
  ws: ['src/client/', 'src/server/engines/node/'],
  commander: ['src/cli/'],
  'toml-eslint-parser': ['src/cli/config/'],
  leven: ['src/base/'],
  'ansi-escapes': ['src/top/'],
  aws4fetch: ['src/forward/lake/s3/'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The room of a relative import, or the package of a bare one. */
  readonly target: string;
}

/** The name of the inner room, or nothing for what stands in the room itself. */
function innerRoomOf(path: string): string {
  const [next = '', ...deeper] = path.slice(roomOf(path).length + 1).split('/');
  return deeper.length === 0 ? '' : next;
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

const files = ['src', 'workers', 'bench'].flatMap((folder) =>
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
      return (
        rooms !== undefined && !from.startsWith('bench/') && !rooms.some((room) => from.startsWith(room))
      );
    });
    expect(strays).toEqual([]);
  });

  test('run one way between the rooms within a room, too', () => {
    const backwards = imports.filter(({ from, specifier, target }) => {
      const order = INNER_ROOMS[roomOf(from)];
      if (order === undefined || target !== roomOf(from) || !specifier.startsWith('.')) return false;
      const to = innerRoomOf(relative(ROOT, resolve(ROOT, dirname(from), specifier)));
      const at = innerRoomOf(from);
      return at !== '' && at !== to && !order.slice(0, order.indexOf(at)).includes(to);
    });
    expect(backwards).toEqual([]);
  });

  test('declarations, and what has nothing to do with sampling, import nothing at all', () => {
    const outside = imports.filter(
      ({ from, target }) => ['src/model', 'src/base'].includes(roomOf(from)) && target !== roomOf(from),
    );
    expect(outside.filter(({ specifier }) => !['node:worker_threads', 'leven'].includes(specifier))).toEqual(
      [],
    );
  });
});

test('a room has so few files that one can know them', () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
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
