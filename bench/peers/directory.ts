import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();
process.on('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory for what a peer writes; gone with this process at the latest. */
export function makeDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `hzstat-bench-${name}-`));
  made.add(directory);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  made.delete(directory);
}
