import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MAIN, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn|error) \S.*$/;
const LIMIT_MS = 30_000;

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'hzstat-log-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function serving(...args: string[]): Promise<TestServer> {
  const server = await TestServer.start(args);
  onTestFinished(async () => {
    await server.stop();
  });
  return server;
}

const patch = (server: TestServer, name: string, enabled: boolean): Promise<Response> =>
  server.fetch(`/collectors/${name}`, { method: 'PATCH', body: JSON.stringify({ enabled }) });

test('every line has a time and a level, and a switch is one of them', async () => {
  const server = await serving('--collectors', 'cpu,perf_events');
  await patch(server, 'interrupts', true);
  await patch(server, 'interrupts', true);
  await patch(server, 'cpu', false);
  await vi.waitFor(() => expect(server.stderr).toMatch(/ info cpu: switched off$/m), LIMIT_MS);
  expect(server.stderr.match(/ info interrupts: switched on$/gm)).toHaveLength(1);
  for (const line of server.stderr.split('\n')) expect(line).toMatch(LINE);
  const [, at = ''] = /^(\S+) info hzstat \S+ listens on http/.exec(server.stderr) ?? [];
  expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(LIMIT_MS);
});

test.each([
  [['--log-format', 'json'], {}],
  [[], { HZSTAT_LOG_FORMAT: 'json' }],
])('with %j and %j every line is an object', async (args, environment) => {
  const server = await TestServer.start(['--collectors', 'cpu', ...args], environment);
  onTestFinished(async () => {
    await server.stop();
  });
  const lines: unknown[] = server.stderr.split('\n').map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'info',
    message: expect.stringContaining(`listens on ${server.url} (`),
    url: server.url,
    node: process.versions.node,
  });
});

test('another format is refused before anything starts', () => {
  const args = [MAIN, 'serve', '--no-history', '--log-format', 'xml'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^hzstat: .*Allowed choices are text, json\.\n$/);
});

test('a log that cannot be written ends nothing', async () => {
  const full = openSync('/dev/full', 'w');
  const socket = join(temporary(), 'socket');
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', '--no-history', '--collectors', 'cpu', '--listen', `unix:${socket}`],
    { stdio: ['ignore', full, full], env: { ...process.env, HZSTAT_CONFIG: '/dev/null' } },
  );
  closeSync(full);
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const health = (): string =>
    spawnSync('curl', ['-s', '--unix-socket', socket, 'http://localhost/health'], { encoding: 'utf8' })
      .stdout;
  await vi.waitFor(() => expect(JSON.parse(health())).toMatchObject({ status: 'ok' }), LIMIT_MS);
  expect(child.exitCode).toBe(null);
});

const mayMount = ((): boolean => {
  const path = mkdtempSync(join(tmpdir(), 'hzstat-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
  if (status === 0) spawnSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
  return status === 0;
})();

test.skipIf(skipUnless('the right to mount a small file system', mayMount))(
  'one line tells that the disk is full, and one that it is well again',
  async () => {
    const disk = temporary();
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    onTestFinished(() => {
      spawnSync('umount', ['-l', disk]);
    });
    const server = await serving(
      '--data-dir',
      join(disk, 'data'),
      '--interval',
      '10ms',
      '--log-format',
      'json',
    );
    const ballast = join(disk, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']);
    const history = async (): Promise<unknown> => Reflect.get(await server.json('/health'), 'history');
    await vi.waitFor(async () => expect(await history()).toMatchObject({ state: 'failing' }), LIMIT_MS);
    // A question would fill the disk once more, and sealing with it.
    for (let i = 0; i < 3; i++)
      await server.fetch('/query', { method: 'POST', body: 'SELECT count(*) FROM cpu' });
    rmSync(ballast);
    await vi.waitFor(() => expect(server.stderr).toContain('all is well again'), LIMIT_MS);
    const lines: Record<string, unknown>[] = server.stderr.split('\n').map((line) => JSON.parse(line));
    const troubles = lines.filter(({ subject, level }) => subject === 'history' && level !== 'warn');
    expect(troubles).toMatchObject([
      { level: 'error', message: expect.stringContaining('ENOSPC') },
      { level: 'info', message: expect.stringContaining('well again') },
    ]);
  },
);
