import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { questionFrom } from '../../../../src/cli/options/question.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-question-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(content: string): string {
  const path = join(directory, 'question.sql');
  writeFileSync(path, content);
  return path;
}

test('what stands on the command line is the question', async () => {
  expect(await questionFrom('SELECT 1', undefined)).toBe('SELECT 1');
});

test('a file is read as it is, but for the mark some editors put in front', async () => {
  expect(await questionFrom(undefined, file('\uFEFF-- busy\nSELECT 1;\n'))).toBe('-- busy\nSELECT 1;\n');
});

test.each([
  ['no question', undefined, undefined, /there is no question: give the SQL/],
  ['an empty one', '  ', undefined, /from the command line is empty/],
  ['two', 'SELECT 1', 'a.sql', /two questions.*give one/],
  ['a file that is not there', undefined, '/nowhere/a.sql', /--file cannot be read: ENOENT/],
])('%s costs an error that says what to do', async (_, argument, path, message) => {
  await expect(questionFrom(argument, path)).rejects.toThrow(message);
  await expect(questionFrom(argument, path)).rejects.toMatchObject({ code: 'BAD_FLAG' });
});

test('an empty file is named', async () => {
  const path = file('\n');
  await expect(questionFrom(undefined, path)).rejects.toThrow(`the question from ${path} is empty`);
});
