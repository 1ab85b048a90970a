import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hzstat-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

beforeAll(() => {
  // Without scripts: packing would build again, under the feet of the other tests.
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  run('npm', 'init', '--yes', '--silent');
  run('npm', 'install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`);
}, 300_000);

test('installed from its own tarball, it takes a snapshot of this machine', () => {
  const snapshot: unknown = JSON.parse(run('npx', 'hzstat', 'snapshot'));
  expect(snapshot).toMatchObject({ type: 'snapshot', cpu: {}, memory: {}, network: {}, disk: {} });
});

test('installed, it tells its version and explains itself', () => {
  expect(run('npx', 'hzstat', '--version').trim()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(run('npx', 'hzstat', '--help')).toMatch(/serve.*\n.*snapshot/);
});

test('installed, it has the types a collector of one’s own is written with', () => {
  const script = "import('hzstat/collector').then((module) => console.log(Object.keys(module).length))";
  expect(run('node', '--eval', script).trim()).toBe('0');
  const types = join(folder, 'node_modules/hzstat/dist/src/shared/collector.d.ts');
  expect(readFileSync(types, 'utf8')).toContain('interface Collector ');
});

test('the package holds what runs and nothing else', () => {
  const files = readdirSync(join(folder, 'node_modules/hzstat'));
  expect(files.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
});
