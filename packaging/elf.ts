import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/** The paths of programs and shared libraries below a directory, relative to it. */
export function binariesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isBinary(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

function isBinary(path: string): boolean {
  const head = Buffer.alloc(MAGIC.length);
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, head) === MAGIC.length && head.equals(MAGIC);
  } finally {
    closeSync(fd);
  }
}

/** What a binary asks of the host. */
export interface Needs {
  /** Shared libraries by name, such as libc.so.6. */
  readonly libraries: readonly string[];
  /** The newest version of each kind of symbol, such as GLIBC → 2.28. */
  readonly versions: ReadonlyMap<string, string>;
}

/** What all of these binaries ask of the host together. */
export function needsOf(paths: readonly string[]): Needs {
  const libraries = new Set<string>();
  const versions = new Map<string, string>();
  for (const path of paths) {
    const text = run('objdump', ['--private-headers', path]);
    for (const [, name = ''] of text.matchAll(/^\s+NEEDED\s+(\S+)$/gm)) libraries.add(name);
    const needed = text.split('Version References:')[1] ?? '';
    for (const [, kind = '', version = ''] of needed.matchAll(/\s(GLIBC|GLIBCXX)_([\d.]+)$/gm)) {
      if (isNewer(version, versions.get(kind))) versions.set(kind, version);
    }
  }
  return { libraries: [...libraries].sort(), versions };
}

/** Whether a dotted version is newer than another, or there is no other. */
export function isNewer(version: string, other: string | undefined): boolean {
  if (other === undefined) return true;
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}
