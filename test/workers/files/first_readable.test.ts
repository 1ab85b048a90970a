import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FirstReadable } from '../../../workers/files/first_readable.ts';
import { KernelFile } from '../../../workers/files/kernel_file.ts';

let folder: string;
let source: FirstReadable;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hzstat-first-'));
  source = new FirstReadable(['a', 'b'].map((name) => new KernelFile(join(folder, name))));
});

afterEach(() => {
  source.close();
  rmSync(folder, { recursive: true });
});

function read(): string {
  const { bytes, length } = source.read();
  return bytes.toString('latin1', 0, length);
}

test('reads the first of the files that is there', () => {
  writeFileSync(join(folder, 'a'), 'one');
  writeFileSync(join(folder, 'b'), 'two');
  expect(read()).toBe('one');
});

test('stays with a file that it could read, and looks again from the start when that fails', () => {
  writeFileSync(join(folder, 'b'), 'two');
  expect(read()).toBe('two');
  writeFileSync(join(folder, 'a'), 'one');
  expect(read()).toBe('two');
  rmSync(join(folder, 'b'));
  expect(read()).toBe('one');
});

test('fails with the code of the last file when none can be read', () => {
  expect(read).toThrow(expect.objectContaining({ code: 'SOURCE_MISSING' }));
});
