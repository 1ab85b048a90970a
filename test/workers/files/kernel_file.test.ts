import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { KernelFile } from '../../../workers/files/kernel_file.ts';
import { readText } from '../../../workers/files/slow_file.ts';

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

describe('what is no kernel file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-no-file-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const pipe = join(directory, 'pipe');
  const large = join(directory, 'large');
  const link = join(directory, 'stat');

  spawnSync('mkfifo', [pipe]);
  symlinkSync('/dev/urandom', link);
  writeFileSync(large, '');
  truncateSync(large, 2 ** 40);

  test.each([
    ['a device without an end', '/dev/urandom'],
    ['another', '/dev/zero'],
    ['a link to one', link],
    ['a directory', directory],
    ['a pipe nobody writes into', pipe],
    ['a file larger than any', large],
  ])('%s is refused at once, and not looked at again for a while', (_, path) => {
    const file = new KernelFile(path);
    const before = process.cpuUsage();
    for (let i = 0; i < 1_000; i++) expect(() => file.read()).toThrow(/no file|larger|EISDIR/);
    const { user, system } = process.cpuUsage(before);
    // A thousand readings of sixteen megabytes of random numbers would be half a minute.
    expect((user + system) / 1e6).toBeLessThan(5);
    expect(readText(path) === undefined || readText(path) === '').toBe(true);
  });
});
