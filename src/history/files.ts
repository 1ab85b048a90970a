import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../shared/errors.ts';

export const TEMPORARY_SUFFIX = '.tmp';

/** Where the engine puts what does not fit into the memory it may have. Left there by a kill, it is of no use. */
export function spillDir(dataDir: string): string {
  return join(dataDir, 'spill');
}

/** Makes what was written to a file or directory last. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a finished file its name, so that it is there whole or not at all whatever happens meanwhile. */
export function publishFile(temporary: string, path: string): void {
  syncPath(temporary);
  renameSync(temporary, path);
  syncPath(dirname(path));
}

/** Replaces a small file in one step. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  writeFileSync(temporary, content, { mode: 0o640 });
  publishFile(temporary, path);
}

/** Removes a file that may be gone already. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Makes a directory and those above it. Node's own recursive way never returns where a directory cannot be made
 * although its parent is there, as below /proc.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o750 });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, { mode: 0o750 });
  }
}
