import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { QueryPool, type Question } from '../../../../src/history/queries/query_pool.ts';

let directory: string;
let pool: QueryPool;
const path = process.env.PATH;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-query-pool-'));
  mkdirSync(join(directory, 'segments'));
  mkdirSync(join(directory, 'bin'));
  process.env.PATH = join(directory, 'bin');
  pool = new QueryPool();
});

afterEach(() => {
  pool.close();
  process.env.PATH = path;
  rmSync(directory, { recursive: true, force: true });
});

function ask(): ReturnType<QueryPool['ask']> {
  const question: Question = { sql: 'SELECT 42 AS answer', dataDir: directory, segments: [] };
  return pool.ask(async () => question);
}

describe('the processes of queries', () => {
  test('need nothing of the host but a shell', async () => {
    symlinkSync('/bin/sh', join(directory, 'bin/sh'));
    expect(await ask()).toMatchObject({ rows: [[42]] });
  });

  test('that cannot be started are an answer, twice, and not the end of us', async () => {
    await expect(ask()).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    await expect(ask()).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  });

  test('that end before they are asked are an answer', async () => {
    symlinkSync('/bin/false', join(directory, 'bin/sh'));
    await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^QUERY_/) });
  });
});
