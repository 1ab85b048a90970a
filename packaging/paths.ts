import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout, from wherever these files were compiled to. */
export const ROOT = rootAbove(import.meta.dirname);
/** Files that go into the packages as they are. */
export const FILES = join(ROOT, 'packaging/files');
/** The manifest and lock file of the Node that goes along. */
export const RUNTIME = join(ROOT, 'packaging/runtime');
/** Where the packages are made. */
export const OUTPUT = join(ROOT, 'package');

function rootAbove(directory: string): string {
  return existsSync(join(directory, 'package-lock.json')) && existsSync(join(directory, 'packaging'))
    ? directory
    : rootAbove(dirname(directory));
}
