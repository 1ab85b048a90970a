import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KernelFile } from '../../../workers/files/kernel_file.ts';

/** A long table that does not change under the reader. */
const TABLE = '/proc/kallsyms';

test('a table of many pages is read to its end when the empty read at the end is spared', ({ skip }) => {
  let expected: Buffer;
  try {
    expected = readFileSync(TABLE);
  } catch {
    return skip(`${TABLE} cannot be read here`);
  }
  const file = new KernelFile(TABLE, { longestLineBytes: 1024 });
  const length = file.read();
  expect(length).toBe(expected.length);
  expect(file.bytes.subarray(0, length).equals(expected)).toBe(true);
  file.close();
});
