import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutChroot } from '../support/empty_root.ts';
import { MAIN, TestServer } from '../support/server.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-config-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A file with these lines that only its owner may read. */
function fileOf(...lines: string[]): string {
  const path = join(directory, 'hzstat.toml');
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, 0o600);
  return path;
}

/** What a command says and how it ends. */
function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, lines: stderr.split('\n').filter((line) => line !== '') };
}

/** What a server says at its start. */
async function served(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const server = await TestServer.start(args, environment);
  try {
    // It has said everything before it answers.
    await server.fetch('/health');
    return { stderr: server.stderr };
  } finally {
    await server.stop();
  }
}

describe('hzstat serve --config', () => {
  test('does what the file says', async () => {
    const path = fileOf(
      'interval = "250ms"',
      'collectors = ["memory", "cpu"]',
      'token = "0123456789abcdef0123"',
    );
    const server = await TestServer.start(['--config', path]);
    expect(server.stderr).toContain(`listens on ${server.url}`);
    const refused = await server.fetch('/snapshot');
    const response = await server.fetch('/health', {
      headers: { authorization: 'Bearer 0123456789abcdef0123' },
    });
    expect(await server.stop()).toBe(0);
    expect(refused.status).toBe(401);
    expect(response.status).not.toBe(401);
    expect(server.stderr).toContain(`configured by ${path}`);
    expect(server.stderr).toContain('sampling cpu, memory 4 times a second');
    expect(server.stderr).not.toContain('beware');
  });

  test('yields to flags and to the environment', async () => {
    const path = fileOf('interval = "250ms"', 'collectors = "disk"', 'perf-cpus = "0"');
    const flag = await served(['--config', path, '--interval', '500ms']);
    expect(flag.stderr).toContain('sampling disk 2 times a second');
    const variable = await served(['-c', 'memory'], { HZSTAT_CONFIG: path, HZSTAT_INTERVAL: '200ms' });
    expect(variable.stderr).toContain('sampling memory 5 times a second');
  });

  test('yields to a flag that excludes what the file says', async () => {
    const path = fileOf('token-file = "/no/such/file"');
    const { stderr } = await served(['--config', path, '--token', '0123456789abcdef0123']);
    expect(stderr).toContain('/?token=<token>');
  });

  test('takes a list from a flag instead of one from the file', async () => {
    const broken = join(directory, 'broken.js');
    writeFileSync(broken, 'throw new Error("loaded");');
    const path = fileOf(`collector = [${JSON.stringify(broken)}]`);
    const refused = run(['serve', '--config', path, '--listen', '127.0.0.1:0', '--no-history']);
    expect([refused.status, refused.lines.join()]).toEqual([2, expect.stringContaining('loaded')]);
    const sound = join(directory, 'sound.mjs');
    const made = 'export default class { name = "sound"; collect() { return { one: 1 }; } }';
    writeFileSync(sound, made);
    const { stderr } = await served(['--config', path, '--collector', sound, '-c', 'cpu']);
    expect(stderr).toMatch(/sampling .*sound/);
  });

  test('tells all that is wrong, a line each, and does not begin', () => {
    const path = fileOf(
      'intervall = "1s"',
      'interval = 100',
      'retention = 7d',
      '',
      'collectors = ["cpu", "gpu"]',
      'no-history = true',
      'token = "0123456789abcdef0123"',
      'token-file = "/etc/hostname"',
      '[server]',
      'listen = ":0"',
    );
    const { status, stdout, lines } = run(['serve', '--config', path]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(lines.map((line) => line.replace(`hzstat: ${path}, `, ''))).toEqual([
      'line 1: there is no setting "intervall"; the nearest is "interval"',
      'line 2: interval is text in quotes, such as "100ms"',
      'line 3: text stands in quotes, as in retention = "…"',
      expect.stringMatching(/^line 5: collectors: there is no collector "gpu"; there are /),
      'line 6: there is no setting "no-history": write history = false',
      'line 8: token-file and token exclude each other',
      'line 9: there is no section "server": settings stand at the top of the file, in none',
    ]);
    expect(run(['doctor', '--config', path])).toEqual({ status, stdout, lines });
  });

  test.each([
    ['that is not there', (): string => join(directory, 'none.toml'), /cannot be read: ENOENT/],
    ['that is a directory', (): string => directory, /cannot be read: EISDIR/],
    [
      'that is not UTF-8',
      (): string => {
        const path = fileOf('');
        writeFileSync(path, Buffer.from([0x23, 0x0a, 0x23, 0xff, 0x0a]));
        return path;
      },
      /line 2: this is not UTF-8/,
    ],
  ])('refuses a file %s', (_, makePath, complaint) => {
    const { status, lines } = run(['serve', '--config', makePath()]);
    expect([status, lines]).toEqual([2, [expect.stringMatching(complaint)]]);
  });

  test('takes files as some editors write them', async () => {
    const path = fileOf();
    writeFileSync(path, '\uFEFFinterval = "500ms"\r\ncollectors = "cpu"\r\n');
    expect((await served(['--config', path])).stderr).toContain('sampling cpu 2 times a second');
  });

  test('warns of a secret others may read, and of nothing else they may', async () => {
    const secret = fileOf('token = "0123456789abcdef0123"');
    chmodSync(secret, 0o644);
    expect((await served(['--config', secret])).stderr).toContain(
      `beware: other users of this machine may read ${secret}: chmod 600 mends that`,
    );
    const harmless = fileOf('collectors = "cpu"');
    chmodSync(harmless, 0o644);
    expect((await served(['--config', harmless])).stderr).not.toContain('beware');
  });
});

describe('the variable of a flag without an argument', () => {
  test.each([
    ['true', false],
    ['1', false],
    ['ON', false],
    ['false', true],
    ['0', true],
    ['', true],
  ])('that is "%s" is understood', async (text, recorded) => {
    const dataDir = mkdtempSync(join(directory, 'data-'));
    const { stderr } = await served(['--data-dir', dataDir], { HZSTAT_NO_HISTORY: text });
    expect(stderr).toContain(recorded ? `recording to ${dataDir}` : 'recording nothing');
  });

  test('wins over the file, and leaves it to decide where it is empty', async () => {
    const path = fileOf('history = false');
    const dataDir = mkdtempSync(join(directory, 'data-'));
    const args = ['--config', path, '--data-dir', dataDir];
    expect((await served(args, { HZSTAT_NO_HISTORY: 'false' })).stderr).toContain(`recording to ${dataDir}`);
    expect((await served(args, { HZSTAT_NO_HISTORY: '' })).stderr).toContain('recording nothing');
  });

  test('that is neither is refused', () => {
    const { status, lines } = run(['serve'], { HZSTAT_NO_HISTORY: 'maybe', HZSTAT_CONFIG: '/dev/null' });
    expect([status, lines]).toEqual([2, ['hzstat: HZSTAT_NO_HISTORY is "maybe": write true or false']]);
  });
});

describe('hzstat doctor --config', () => {
  test('tells what a sound file holds', () => {
    const path = fileOf('interval = "1s"', 'history = false');
    const { status, stdout } = run(['doctor', '--config', path]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^✔ configuration +${path}: 2 settings$`, 'm'));
  });

  test.each([
    ['everybody could read this machine', 'listen = ":0"', /listening on 0\.0\.0\.0 would let everybody/],
    ['the token cannot be read', 'token-file = "/no/such/file"', /--token-file cannot be read/],
    ['a key has no certificate', 'tls-key = "/etc/hostname"', /TLS needs both --tls-cert and --tls-key/],
  ])('tells that no server would begin: %s', (_, line, complaint) => {
    const path = fileOf(line);
    const { status, lines } = run(['doctor', '--config', path]);
    expect([status, lines]).toEqual([2, [expect.stringMatching(complaint)]]);
    expect(lines[0]).toContain(path);
  });

  test('tells what a server would warn of', () => {
    const path = fileOf('token = "short"');
    const { status, stdout } = run(['doctor', '--config', path]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^~ configuration .*: one setting; a token of 5 characters can be guessed/m);
  });
});

describe.skipIf(withoutChroot)('/etc/hzstat/hzstat.toml', () => {
  /** Runs a command where /etc has nothing but that file. */
  function runWith(file: string, args: readonly string[]) {
    const script = `mount -t tmpfs none /etc && mkdir /etc/hzstat && cp "$1" /etc/hzstat/hzstat.toml && shift && exec "$@"`;
    const words = ['--mount', 'sh', '-c', script, 'sh', file, process.execPath, MAIN, ...args];
    return spawnSync('unshare', words, { encoding: 'utf8', env: { PATH: process.env.PATH } });
  }

  test('is read by serve where it exists', () => {
    const { status, stderr } = runWith(fileOf('intervall = "1s"'), ['serve', '--listen', '127.0.0.1:0']);
    expect([status, stderr]).toEqual([
      2,
      'hzstat: /etc/hzstat/hzstat.toml, line 1: there is no setting "intervall"; the nearest is "interval"\n',
    ]);
  });

  test('is not read where another is named, and by no command but serve and doctor', () => {
    const path = fileOf('intervall = "1s"');
    const other = runWith(path, ['serve', '--config', '/dev/null', '--token', '']);
    expect(other.stderr).toMatch(/the token is empty/);
    const { status, stdout } = runWith(path, ['snapshot', '-c', 'memory']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('memory');
  });

  test('is checked by doctor', () => {
    const { status, stdout } = runWith(fileOf('intervall = "1s"', 'interval = 1'), ['doctor']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^✘ configuration +\S+, line 1: there is no setting "intervall".* \(and 1 more\)$/m,
    );
  });
});
