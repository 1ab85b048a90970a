import {
  closeSync,
  existsSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemErrorCode } from '../../base/errors.ts';

const synced = promisify(fsync);

export const TEMPORARY_SUFFIX = '.tmp';

/** Where the engine puts what does not fit into the memory it may have. Left there by a kill, it is of no use. */
export function spillDir(dataDir: string): string {
  return join(dataDir, 'spill');
}

/** Writes all of some bytes, which the system may want to take in several pieces. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

/**
 * Makes what was written to a file or directory last. The disk may take its time, and the journal must not wait for
 * it; everything else about files takes none worth mentioning.
 */
export async function syncPath(path: string): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    await synced(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a finished file its name, so that it is there whole or not at all whatever happens meanwhile. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await syncPath(temporary);
  renameSync(temporary, path);
  await syncPath(dirname(path));
}

/** Replaces a small file in one step. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  writeFileSync(temporary, content, { mode: 0o640 });
  await publishFile(temporary, path);
}

/** Removes a file that may be gone already. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Makes a directory and those above it. Node's own recursive way never returns where a directory cannot be made
 * although its parent is there, as below /proc.
 *
 * @param mode who may look into it, as far as the umask lets them
 */
export function makeDirectory(path: string, mode = 0o750): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
