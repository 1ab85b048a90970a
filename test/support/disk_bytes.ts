import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/** What a directory with everything in it takes on disk, as `du` counts it; a file of two names counts once. */
export function diskBytes(directory: string): number {
  const seen = new Set<number>();
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return ['', ...paths].reduce((bytes, path) => {
    const { ino, blocks } = lstatSync(join(directory, path));
    if (seen.has(ino)) return bytes;
    seen.add(ino);
    return bytes + blocks * BLOCK_BYTES;
  }, 0);
}
