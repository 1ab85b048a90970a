import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { ROOT } from './paths.ts';

/** What `npm ci` leaves beside the packages, of no use to who runs them. */
const LEFT_BY_NPM = ['package-lock.json', 'node_modules/.package-lock.json', 'node_modules/.bin'];

/** Puts what was built and the packages it needs, of the versions in the lock file, into a directory. */
export function installApplication(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of ['dist', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  // npm takes the packages of this platform and its C library only; none of them has to run a script.
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: directory,
  });
  for (const name of LEFT_BY_NPM) rmSync(join(directory, name), { recursive: true, force: true });
}
