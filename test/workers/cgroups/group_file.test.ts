import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Descriptors, GroupFile } from '../../../workers/cgroups/group_file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hzstat-group-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const openFiles = (): number => readdirSync('/proc/self/fd').length;
const textOf = (file: GroupFile): string => file.bytes.toString('latin1', 0, file.read());

test('so many files stay open, and the others are read all the same', () => {
  const descriptors = new Descriptors(2);
  const files = ['a', 'b', 'c', 'd'].map((name) => {
    writeFileSync(join(root, name), `${name}\n`);
    return new GroupFile(root, '', name, descriptors);
  });
  const before = openFiles();
  for (let round = 0; round < 2; round++) expect(files.map(textOf)).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
  expect(openFiles() - before).toBe(2);
  // What one gives back another may keep.
  files[0]!.close();
  expect(files.slice(1).map(textOf)).toEqual(['b\n', 'c\n', 'd\n']);
  expect(openFiles() - before).toBe(2);
  for (const file of files) file.close();
  for (const file of files) file.close();
  expect(openFiles()).toBe(before);
  expect(descriptors.take() && descriptors.take()).toBe(true);
  expect(descriptors.take()).toBe(false);
});

test('a file that is not there is looked for again half a minute later, one that cannot be read is named', () => {
  const file = new GroupFile(root, '', 'memory.current', new Descriptors(1));
  const read = (nowNs: number): boolean =>
    file.readIfThere(nowNs, (path, _bytes, length) => {
      if (length < 3) throw new Error(`${path} is short`);
    });
  expect(read(0)).toBe(false);
  writeFileSync(join(root, 'memory.current'), '1');
  expect(read(20e9)).toBe(false);
  expect(file.trouble).toBeUndefined();
  expect(read(31e9)).toBe(false);
  expect(file.trouble).toMatch(/memory\.current is short/);
  writeFileSync(join(root, 'memory.current'), '4096\n');
  expect(read(31.1e9)).toBe(true);
  expect(file.trouble).toBeUndefined();
  file.close();
});
