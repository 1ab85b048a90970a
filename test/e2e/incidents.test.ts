import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Incident, IncidentReport } from '../../src/model/incidents/incident.ts';
import type { IncidentFrame } from '../../src/wire/protocol/frames.ts';
import { MAIN, type TestClient, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const run = promisify(execFile);
/** What must happen soon: a bound for a busy machine. */
const SOON = { timeout: 20_000, interval: 100 };
const DEFAULT_WATCHES = { HZSTAT_NO_WATCHES: 'false' };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-incidents-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function serve(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const server = await TestServer.start(args, environment);
  cleanups.push(() => server.stop());
  return server;
}

function connect(server: TestServer, query = ''): TestClient {
  const client = server.connect(query);
  cleanups.push(() => client.close());
  return client;
}

const incidentsIn = ({ frames }: TestClient): IncidentFrame[] =>
  frames.filter((frame) => frame.type === 'incident');

async function incidentsOf(server: TestServer): Promise<Incident[]> {
  const answer = await server.json('/incidents');
  return answer.incidents as Incident[];
}

/** A shell under a name of its own that keeps a core busy until it is ended. */
function burner(name: string): ChildProcess {
  const path = join(temporary(), name);
  const found = spawnSync('sh', ['-c', 'readlink -f "$(command -v sh)"'], { encoding: 'utf8' }).stdout.trim();
  spawnSync('cp', [found, path]);
  const child = spawn(path, ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  cleanups.push(() => child.kill('SIGKILL'));
  return child;
}

describe('an incident', () => {
  test('is streamed, listed and counted when it begins and ends, and names who did it', async () => {
    const server = await serve(['--watch', 'burst: cpu.usage_percent > 90 for 200ms']);
    const client = connect(server);
    const deaf = connect(server, '?incidents=no');
    // A look at all processes from before.
    await client.take(20);
    const burners = Array.from({ length: availableParallelism() }, () => burner('hztburner'));
    const bursts = (): IncidentFrame[] => incidentsIn(client).filter(({ watch }) => watch === 'burst');
    await client.until(() => bursts().length > 0);
    const [began] = bursts();
    expect(began).toMatchObject({ watch: 'burst', field: 'cpu.usage_percent', threshold: 90, ended: null });
    expect(began!.value).toBeGreaterThan(90);
    expect(began!.sequence).toBeGreaterThan(0);
    await vi.waitFor(async () => {
      const report = (await server.json(`/incidents/${began!.id}`)) as unknown as IncidentReport;
      const ours = report.processes.filter(({ command }) => command === 'hztburner');
      expect(ours).toHaveLength(burners.length);
      expect(report.who).toContain('hztburner');
      for (const process of ours) {
        expect(burners.map(({ pid }) => pid)).toContain(process.pid);
        expect(process.cpu_percent).toBeLessThanOrEqual(100 * availableParallelism());
        expect(process.cgroup).toMatch(/^\//);
      }
    }, SOON);
    expect((await incidentsOf(server)).map(({ id }) => id)).toContain(began!.id);
    expect(await (await server.fetch('/metrics')).text()).toMatch(
      /hzstat_incidents_total\{watch="burst"\} [1-9]/,
    );
    await deaf.take(5);
    expect(incidentsIn(deaf)).toEqual([]);
  });

  test('has a bad id, or a bad time, said so', async () => {
    const server = await serve(['--watch', 'never: cpu.usage_percent > 1000']);
    expect(await server.json('/incidents')).toEqual({ incidents: [] });
    const unknown = await server.fetch('/incidents/nothing');
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
    const since = await server.fetch('/incidents?since=yesterday');
    expect([since.status, await since.json()]).toMatchObject([400, { error: { code: 'BAD_REQUEST' } }]);
  });

  test('of a sampler that was stopped is told when it goes on', async () => {
    const dataDir = temporary();
    const hook = join(dataDir, 'hook.sh');
    const told = join(dataDir, 'told');
    writeFileSync(hook, `#!/bin/sh\ncat >> ${told}\necho >> ${told}\n`);
    chmodSync(hook, 0o755);
    const server = await serve(['--data-dir', dataDir, '--on-incident', hook], DEFAULT_WATCHES);
    const client = connect(server);
    await client.take(5);
    server.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    server.process.kill('SIGCONT');
    const starved = (): IncidentFrame[] =>
      incidentsIn(client).filter(({ watch }) => watch === 'sampler_starved');
    await client.until(() => starved().some(({ phase }) => phase === 'ended'));
    const [began, ended] = starved();
    expect(began?.value).toBeGreaterThanOrEqual(10);
    expect(ended).toMatchObject({ id: began?.id, phase: 'ended' });

    // The program of the user's was told twice of this one.
    await vi.waitFor(() => {
      const calls = readFileSync(told, 'utf8').trim().split('\n');
      const ours = calls.map((line): { phase: string; id: string } => JSON.parse(line));
      expect(ours.filter(({ id }) => id === began?.id).map(({ phase }) => phase)).toEqual(['began', 'ended']);
    }, SOON);

    // SQL, the list of a running server, and what is left when it has ended, tell the same.
    const sql = `SELECT watch, ended IS NOT NULL FROM incident WHERE id = '${began?.id}'`;
    const answer = await server.json('/query', { method: 'POST', body: sql });
    expect(answer.rows).toEqual([['sampler_starved', true]]);
    await server.stop();
    const after = await run(process.execPath, [MAIN, 'incidents', '--data-dir', dataDir, '--format', 'json']);
    const { incidents }: { incidents: Incident[] } = JSON.parse(after.stdout);
    expect(incidents.find(({ id }) => id === began?.id)).toMatchObject({ watch: 'sampler_starved' });
    const one = await run(process.execPath, [MAIN, 'incidents', began!.id, '--data-dir', dataDir]);
    expect(one.stdout).toContain('sampling.missed_ticks grew by');
  });

  test('that was under way when the sampler was killed is closed at the next start', async () => {
    const dataDir = temporary();
    const args = ['--data-dir', dataDir, '--watch', 'always: memory.available_bytes > 0'];
    const server = await serve(args);
    await vi.waitFor(async () => expect(await incidentsOf(server)).toHaveLength(1), SOON);
    const folder = join(dataDir, 'incidents');
    await vi.waitFor(() => expect(existsSync(folder)).toBe(true), SOON);
    await server.stop('SIGKILL');
    const next = await serve(args);
    await vi.waitFor(async () => {
      const [now, before] = await incidentsOf(next);
      expect(now).toMatchObject({ ended: null });
      expect(before?.ended).not.toBeNull();
      expect(before?.message).toContain('still going on when the sampler stopped');
    }, SOON);
  });

  test('is followed in a terminal, one line each', async () => {
    const server = await serve(['--watch', 'always: memory.available_bytes > 0']);
    await vi.waitFor(async () => expect(await incidentsOf(server)).toHaveLength(1), SOON);
    const list = await run(process.execPath, [MAIN, 'incidents', '--url', server.url]);
    expect(list.stdout).toMatch(/always +memory\.available_bytes/);
    expect(list.stdout).toContain('goes on');
    const following = spawn(process.execPath, [MAIN, 'incidents', '--url', server.url, '--follow']);
    cleanups.push(() => following.kill('SIGKILL'));
    let printed = '';
    following.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString();
    });
    await vi.waitFor(() => expect(printed).toContain('always'), SOON);
    // Nobody reads memory any more: what was under way is over.
    await server.fetch('/collectors/memory', { method: 'PATCH', body: '{"enabled":false}' });
    await vi.waitFor(
      () => expect(printed).toMatch(/ ended .*always: memory\.available_bytes > 0 bytes for/),
      SOON,
    );
  });
});

describe('watches', () => {
  test.each([
    ['that is none', ['--watch', 'busy'], "write 'NAME: FIELD > NUMBER [for DURATION]'"],
    ['of a field that is not there', ['--watch', 'b: cpu.usage > 90'], 'near it are cpu.usage_percent'],
    [
      'of the same name twice',
      ['--watch', 'b: cpu.usage_percent > 90', '--watch', 'b: cpu.usage_percent > 95'],
      'two watches called b',
    ],
    ['whose program is not there', ['--on-incident', '/nowhere/at/all'], '/nowhere/at/all cannot be run'],
  ])('one %s ends the start in one line', async (_, args, message) => {
    const failed = run(
      process.execPath,
      [MAIN, 'serve', '--listen', '127.0.0.1:0', '--no-history', ...args],
      {
        env: { ...process.env, HZSTAT_CONFIG: '/dev/null' },
      },
    );
    await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    await failed.catch(({ stderr }: { stderr: string }) => expect(stderr.trim().split('\n')).toHaveLength(1));
  });

  test('whose collector does not run are inactive, and say which flag they need', async () => {
    const server = await serve([], DEFAULT_WATCHES);
    const { watches } = await server.json('/health');
    expect(watches).toContainEqual({
      name: 'memory_stall',
      condition: 'pressure.memory.some_percent > 20 for 500ms',
      state: 'inactive',
      needs: '--collectors default,pressure',
    });
    await vi.waitFor(
      () => expect(server.stderr).toMatch(/not watching for memory_stall.*--collectors default,pressure/),
      SOON,
    );
  });
});

describe('a mark', () => {
  test('is put on the time axis from outside, and found by SQL', async () => {
    const dataDir = temporary();
    const server = await serve(['--data-dir', dataDir]);
    const { stdout } = await run(process.execPath, [MAIN, 'mark', 'deploy 42', '--url', server.url]);
    expect(stdout).toMatch(/^\d{4}-.*Z {2}deploy 42\n$/);
    const body = JSON.stringify({ text: 'before', timestamp: '2026-01-02T03:04:05Z' });
    expect((await server.fetch('/marks', { method: 'POST', body })).status).toBe(201);
    const { rows } = await server.json('/query', {
      method: 'POST',
      body: 'SELECT text FROM mark ORDER BY timestamp',
    });
    expect(rows).toEqual([['before'], ['deploy 42']]);
  });

  test('is kept apart from what befalls the sampler itself', async () => {
    const dataDir = temporary();
    const server = await serve(['--data-dir', dataDir]);
    for (const enabled of [false, true])
      await server.fetch('/collectors/disk', { method: 'PATCH', body: JSON.stringify({ enabled }) });
    await server.stop();
    const next = await serve(['--data-dir', dataDir]);
    const body = 'SELECT text FROM sampler_event ORDER BY timestamp';
    await vi.waitFor(async () => {
      const { rows } = await next.json('/query', { method: 'POST', body });
      expect(rows).toEqual([
        [expect.stringMatching(/^hzstat \S+ started$/)],
        ['disk switched off'],
        ['disk switched on'],
        ['hzstat stopped'],
        [expect.stringMatching(/^hzstat \S+ started$/)],
      ]);
    }, SOON);
  });

  test.each(['', '{}', '{"text": ""}', '{"text": 5}', '{"text": "x", "timestamp": "soon"}', '[]'])(
    'that is none (%s) is a bad request',
    async (body) => {
      const server = await serve(['--data-dir', temporary()]);
      const response = await server.fetch('/marks', { method: 'POST', body });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: { code: 'BAD_REQUEST' } },
      ]);
    },
  );

  test('cannot last where nothing is recorded', async () => {
    const server = await serve([]);
    const response = await server.fetch('/marks', { method: 'POST', body: '{"text": "x"}' });
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { code: 'HISTORY_DISABLED' } },
    ]);
  });
});

describe('a real cause', () => {
  const GROUP = '/sys/fs/cgroup/memory/hzstat-test-oom';
  const canLimit = canMakeGroup();

  function canMakeGroup(): boolean {
    try {
      mkdirSync(GROUP, { recursive: true });
      writeFileSync(join(GROUP, 'memory.limit_in_bytes'), String(32 * 1024 * 1024));
      return true;
    } catch {
      return false;
    }
  }

  test.skipIf(skipUnless('a control group of version 1 whose memory may be limited', canLimit))(
    'a process that outgrew the limit of its group is an OOM kill',
    async () => {
      cleanups.push(() => spawnSync('rmdir', [GROUP]));
      mkdirSync(GROUP, { recursive: true });
      writeFileSync(join(GROUP, 'memory.limit_in_bytes'), String(32 * 1024 * 1024));
      const server = await serve([], DEFAULT_WATCHES);
      await connect(server).take(5);
      const script = `echo $$ > ${GROUP}/cgroup.procs; exec ${process.execPath} -e "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))"`;
      const victim = spawn('sh', ['-c', script], { stdio: 'ignore' });
      cleanups.push(() => victim.kill('SIGKILL'));
      await once(victim, 'exit');
      expect(victim.signalCode).toBe('SIGKILL');
      await vi.waitFor(async () => {
        expect((await incidentsOf(server)).map(({ watch }) => watch)).toContain('oom_kill');
      }, SOON);
    },
  );

  const SEND_UNKNOWN = [
    'import socket',
    's = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)',
    "s.bind(('hztveth0', 0))",
    "for _ in range(200): s.send(b'\\xff' * 6 + b'\\x02' + b'\\x00' * 5 + b'\\x88\\xb5' + b'\\x00' * 60)",
  ].join('\n');
  const veth = ['link', 'add', 'hztveth0', 'type', 'veth', 'peer', 'name', 'hztveth1'];
  const hasVeth = spawnSync('ip', veth).status === 0;
  if (hasVeth) spawnSync('ip', ['link', 'del', 'hztveth0']);

  test.skipIf(skipUnless('root, who may make a pair of network interfaces', hasVeth))(
    'frames of an unknown type, which the kernel drops, are drops on a wire',
    async () => {
      spawnSync('ip', veth);
      cleanups.push(() => spawnSync('ip', ['link', 'del', 'hztveth0']));
      for (const name of ['hztveth0', 'hztveth1']) spawnSync('ip', ['link', 'set', name, 'up']);
      const server = await serve([], DEFAULT_WATCHES);
      await connect(server).take(5);
      await vi.waitFor(async () => {
        spawnSync('/usr/bin/python3', ['-c', SEND_UNKNOWN]);
        const fields = (await incidentsOf(server)).map(({ watch, field }) => `${watch} ${field}`);
        expect(fields).toContain('receive_drops network.interfaces.hztveth1.dropin');
      }, SOON);
    },
  );
});
