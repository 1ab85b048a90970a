import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MAIN } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

/** Under this Node, whichever is found first otherwise. */
const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
const env: NodeJS.ProcessEnv = { ...process.env, PATH, HZSTAT_CONFIG: '/dev/null', NODE_OPTIONS: '' };
const SERVE = ['serve', '--listen', '127.0.0.1:0', '--no-history', '-c', 'cpu'];
const FLAGS = ['--no-node-snapshot', '--optimize-for-size'];

let directory: string;
/** As npm links what a package's `bin` names. */
let linked: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat launch-'));
  mkdirSync(join(directory, '.bin'));
  linked = join(directory, '.bin/hzstat');
  symlinkSync(relative(join(directory, '.bin'), MAIN), linked);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A server in a process group of its own, once it listens, with what it has said. */
async function serving(program: string, args: readonly string[], environment = env) {
  const child = spawn(program, args, {
    env: environment,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (/\brecording (to |nothing)/.test(line)) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said.join('\n')}`)));
  });
  return { child, said };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown[]> {
  const exited = once(child, 'exit');
  child.kill(signal);
  return exited;
}

function wordsOf(pid: number | undefined): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** The processes whose group is that of a process, which led it. */
function groupOf(leader: number | undefined): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === leader;
    } catch {
      return false;
    }
  });
}

describe('the program that bin names', () => {
  test('is Node with flags that help it, in the process that was started', async () => {
    const { child } = await serving(linked, SERVE);
    const words = wordsOf(child.pid);
    const executable = readlinkSync(`/proc/${child.pid}/exe`);
    await ended(child, 'SIGTERM');
    expect(executable).toBe(process.execPath);
    expect(words).toEqual(['node', ...FLAGS, linked, ...SERVE]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends by %s with exit code 0, and nothing of it is left',
    async (signal) => {
      const { child, said } = await serving(linked, SERVE);
      expect(await ended(child, signal)).toEqual([0, null]);
      expect(groupOf(child.pid)).toEqual([]);
      // What Node itself has to say, people would have to look up.
      expect(said.filter((line) => /warning|deprecat|experimental/i.test(line))).toEqual([]);
    },
  );

  test('tells whoever waits for it by which signal it was killed', async () => {
    const { child } = await serving(linked, SERVE);
    expect(await ended(child, 'SIGKILL')).toEqual([null, 'SIGKILL']);
  });

  test.each([
    [['serve', '--interval', '5']],
    [['--no-such-flag']],
    [['snapshot', '-c', 'none']],
    [['no-such-command']],
  ])('ends with exit code 2 and one line at %j', (args) => {
    const { status, stdout, stderr } = spawnSync(linked, args, { env, encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^hzstat: .+\n$/);
  });

  test('hands on every argument as it was given', () => {
    const odd = ' a  *\n$HOME `x` "q" \\';
    const { stderr } = spawnSync(linked, [odd], { env, encoding: 'utf8' });
    expect(stderr).toContain(`there is no command "${odd}"`);
    expect(spawnSync(linked, ['snapshot', '--rootfs', ''], { env, encoding: 'utf8' }).stderr).toMatch(
      /^hzstat: /,
    );
  });

  test.each(['serve --help', 'snapshot -c memory', 'stream --help', '--version'])('runs %s', (line) => {
    const { status, stdout, stderr } = spawnSync(linked, line.split(' '), { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });

  test('is found in PATH', () => {
    const found = { ...env, PATH: `${dirname(linked)}${delimiter}${PATH}` };
    expect(spawnSync('hzstat', ['--version'], { env: found, encoding: 'utf8' }).stdout).toMatch(/^\d+\.\d+/);
  });

  test.each(['bash', 'dash', 'busybox sh', 'zsh'])('is understood by %s', (shell) => {
    const [program = '', ...before] = shell.split(' ');
    if (skipUnless(shell, spawnSync(program, [...before, '-c', 'true']).status === 0)) return;
    const { status, stdout, stderr } = spawnSync(program, [...before, linked, 'serve', '--help'], {
      env,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('--interval');
  });

  test('gives no flags to a Node it does not know', () => {
    const folder = join(directory, 'future');
    mkdirSync(folder);
    const node = join(folder, 'node');
    writeFileSync(node, '#!/bin/sh\n[ "$1" = --version ] && echo v99.0.0 || printf "%s\\n" "$@"\n');
    chmodSync(node, 0o755);
    const future = { ...env, PATH: `${folder}${delimiter}${PATH}` };
    const { stdout } = spawnSync(linked, ['serve', '--interval', '1s'], { env: future, encoding: 'utf8' });
    expect(stdout).toBe(`${linked}\nserve\n--interval\n1s\n`);
  });

  test('starts the Node that was named', () => {
    const named = join(directory, 'named');
    writeFileSync(named, '#!/bin/sh\necho named "$@"\n');
    chmodSync(named, 0o755);
    const { stdout } = spawnSync(linked, ['snapshot'], {
      env: { ...env, HZSTAT_NODE: named },
      encoding: 'utf8',
    });
    expect(stdout).toBe(`named ${linked} snapshot\n`);
  });

  test.each([
    ['has one arena of malloc for itself alone', undefined, '1', undefined],
    ['leaves the arenas of malloc to who says how many', '3', '3', '3'],
  ])('%s', async (_, given, own, handedOn) => {
    const folder = mkdtempSync(join(directory, 'perf-'));
    const seen = join(folder, 'environment');
    const perf = join(folder, 'perf');
    // It is whole once it has its name.
    writeFileSync(perf, `#!/bin/sh\nenv > '${seen}.new'; mv '${seen}.new' '${seen}'; exit 1\n`);
    chmodSync(perf, 0o755);
    const environment: NodeJS.ProcessEnv = {
      ...env,
      PATH: `${folder}${delimiter}${PATH}`,
      MALLOC_ARENA_MAX: given,
    };
    const words = [...SERVE.slice(0, -1), 'perf_events'];
    const { child } = await serving(linked, words, environment);
    const itself = readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0');
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true), { timeout: 20_000, interval: 50 });
    const started = readFileSync(seen, 'utf8').split('\n');
    await ended(child, 'SIGTERM');
    const arenas = (variables: string[]): string | undefined =>
      variables.find((each) => each.startsWith('MALLOC_ARENA_MAX='))?.split('=')[1];
    expect([arenas(itself), arenas(started)]).toEqual([own, handedOn]);
    expect(started.filter((each) => each.startsWith('HZSTAT_ARENA'))).toEqual([]);
  });

  test('tells that there is no Node where there is none', () => {
    const { status, stderr } = spawnSync('/bin/sh', [linked, 'serve'], {
      env: { PATH: directory },
      encoding: 'utf8',
    });
    expect(status).toBe(127);
    expect(stderr).toMatch(/^.*node.*\n$/);
  });
});

describe('node FILE', () => {
  test('runs the same program without flags, by whatever name', async () => {
    for (const file of [MAIN, linked]) {
      const { child } = await serving(process.execPath, [file, ...SERVE]);
      const words = wordsOf(child.pid);
      expect(await ended(child, 'SIGTERM')).toEqual([0, null]);
      expect(words).toEqual([process.execPath, file, ...SERVE]);
    }
  });

  test('ends with exit code 2 at a bad flag', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', '--interval', '5'], {
      env,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hzstat: .+\n$/);
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'npm start serves until npm is told to end by %s',
  async (signal) => {
    const { child } = await serving('npm', ['start', '--silent', '--', ...SERVE.slice(1)]);
    const servers = groupOf(child.pid).map((id) => wordsOf(Number(id)));
    expect(servers).toContainEqual(['node', ...FLAGS, 'dist/src/cli/main.js', ...SERVE]);
    // npm passes it on and waits; how it ends itself is its own affair.
    await ended(child, signal);
    await vi.waitFor(() => expect(groupOf(child.pid)).toEqual([]), { timeout: 10_000, interval: 50 });
  },
);
