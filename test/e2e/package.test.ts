import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diskBytes } from '../support/disk_bytes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hzstat-package-'));
const local = join(folder, 'local');
const global = join(folder, 'global');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the documentation tells those to add who want the faster web server. */
const WEB_SERVER = 'uWebSockets.js@npm:uwebsockets@3.0.6';
const MOST_INSTALLED_BYTES = 110e6;

/** Under this Node, whichever npm finds first otherwise, and as a user would who knows nothing of CI. */
const { CI: _, ...inherited } = process.env;
const env = { ...inherited, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };

function run(cwd: string, command: string, ...args: string[]): { stdout: string; stderr: string } {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return { stdout, stderr };
}

function install(cwd: string, ...args: string[]): { stdout: string; stderr: string } {
  return run(cwd, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...args);
}

let tarball = '';
let installed: { stdout: string; stderr: string };

beforeAll(() => {
  // Without scripts: packing would build again, under the feet of the other tests.
  run(ROOT, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  run(folder, 'mkdir', local, global);
  run(local, 'npm', 'init', '--yes', '--silent');
  installed = install(local, tarball);
}, 300_000);

describe('installed from its own tarball', () => {
  test('it takes a snapshot of this machine', () => {
    const snapshot: unknown = JSON.parse(run(local, 'npx', 'hzstat', 'snapshot').stdout);
    expect(snapshot).toMatchObject({ type: 'snapshot', cpu: {}, memory: {}, network: {}, disk: {} });
  });

  test('it tells its version and explains itself', () => {
    expect(run(local, 'npx', 'hzstat', '--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(run(local, 'npx', 'hzstat', '--help').stdout).toMatch(/serve.*\n.*snapshot/);
  });

  test('it has the types a collector of one’s own is written with', () => {
    const script = "import('hzstat/collector').then((module) => console.log(Object.keys(module).length))";
    expect(run(local, process.execPath, '--eval', script).stdout.trim()).toBe('0');
    const types = join(local, 'node_modules/hzstat/dist/workers/custom/collector.d.ts');
    expect(readFileSync(types, 'utf8')).toContain('interface Collector ');
  });

  test('the package holds what runs and nothing else', () => {
    const files = readdirSync(join(local, 'node_modules/hzstat'));
    expect(files.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  });

  test('npm has nothing to warn of', () => {
    expect(installed.stderr).toBe('');
    expect(installed.stdout).not.toMatch(/warn|deprecated/i);
  });

  test('it takes no more room than promised, and leaves the web server in C++ out', () => {
    expect(existsSync(join(local, 'node_modules/uWebSockets.js'))).toBe(false);
    expect(diskBytes(local)).toBeLessThan(MOST_INSTALLED_BYTES);
  });
});

describe('the line that adds the web server in C++', () => {
  test('stands in the documentation', () => {
    expect(readFileSync(join(ROOT, 'docs/install.md'), 'utf8')).toContain(WEB_SERVER);
  });

  test('puts it where a local installation finds it, without a warning', () => {
    expect(install(local, WEB_SERVER).stderr).toBe('');
    expect(resolvedFrom(join(local, 'node_modules/hzstat/dist/src/cli/main.js'))).toContain(local);
  }, 300_000);

  test('puts it where a global installation finds it, without a warning', () => {
    expect(install(folder, '--global', '--prefix', global, tarball, WEB_SERVER).stderr).toBe('');
    expect(resolvedFrom(join(global, 'lib/node_modules/hzstat/dist/src/cli/main.js'))).toContain(global);
    expect(run(folder, join(global, 'bin/hzstat'), '--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  }, 300_000);
});

/** Where a program finds the package, whether or not there is a binary in it for this Node. */
function resolvedFrom(program: string): string {
  const script = `console.log(require('node:module').createRequire(${JSON.stringify(program)}).resolve('uWebSockets.js'))`;
  return run(folder, process.execPath, '--eval', script).stdout.trim();
}
