import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cursor } from '../../../../src/forward/sending/cursor.ts';
import { ProgressKeeper } from '../../../../src/forward/sending/progress_keeper.ts';
import { temporaryDataDir } from '../../../support/history.ts';

const URL_A = 'http://a.example/api/v1/write';
const AT = { journal: 'j', sequence: 7, unixUs: 1_000 };

let dataDir: string;
let remove: () => void;
beforeEach(() => {
  ({ dataDir, remove } = temporaryDataDir());
});
afterEach(() => remove());

test('what was written is read, of each receiver its own', () => {
  const [a, b] = [new Cursor(dataDir, URL_A), new Cursor(dataDir, 'http://b.example/w')];
  expect(a.read()).toBeUndefined();
  a.write({ sinceUs: 5 });
  expect(a.read()).toEqual({ sinceUs: 5 });
  a.write(AT);
  expect(new Cursor(dataDir, URL_A).read()).toEqual(AT);
  expect(b.read()).toBeUndefined();
  expect(readdirSync(join(dataDir, 'forward'))).toHaveLength(1);
});

test.each(['', '{', '[]', 'null', '{"version":1}', '{"version":2,"sinceUs":5}'])(
  '%j is no cursor',
  (content) => {
    const cursor = new Cursor(dataDir, URL_A);
    cursor.write(AT);
    const [name = ''] = readdirSync(join(dataDir, 'forward'));
    writeFileSync(join(dataDir, 'forward', name), content);
    expect(cursor.read()).toBeUndefined();
  },
);

test('it is written now and then, and at the end; what the disk refuses is said once', () => {
  const said: string[] = [];
  const cursor = new Cursor(dataDir, URL_A);
  const keeper = new ProgressKeeper(cursor, (message) => said.push(message));
  keeper.keep({ sinceUs: 1 });
  keeper.keep({ sinceUs: 2 });
  expect(cursor.read()).toEqual({ sinceUs: 1 });
  keeper.flush();
  expect(cursor.read()).toEqual({ sinceUs: 2 });

  rmSync(dataDir, { recursive: true });
  writeFileSync(dataDir, 'a file where the directory was');
  keeper.keep({ sinceUs: 3 });
  keeper.flush();
  keeper.flush();
  expect(said).toHaveLength(1);
  rmSync(dataDir);
  keeper.flush();
  expect(new Cursor(dataDir, URL_A).read()).toEqual({ sinceUs: 3 });
});
