import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { HostFinding } from '../../src/base/host_finding.ts';
import { DEFAULT_COLLECTORS } from '../../src/model/collectors.ts';
import type { HelloFrame } from '../../src/wire/protocol/frames.ts';
import { MachineCopy } from '../support/machine.ts';
import { MAIN, TestServer } from '../support/server.ts';

/** Every field of the ordered return formats, by collector. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  cpu: [
    'usage_percent',
    'per_core',
    'user_percent',
    'system_percent',
    'idle_percent',
    'frequency_mhz',
    'load_avg_1m',
    'load_avg_5m',
    'load_avg_15m',
    'temperature_celsius',
  ],
  memory: [
    'total_bytes',
    'available_bytes',
    'used_bytes',
    'percent',
    'swap_total_bytes',
    'swap_used_bytes',
    'swap_percent',
    'buffers_bytes',
    'cached_bytes',
  ],
  network: [
    'bytes_sent',
    'bytes_recv',
    'packets_sent',
    'packets_recv',
    'errin',
    'errout',
    'dropin',
    'dropout',
    'bytes_sent_per_sec',
    'bytes_recv_per_sec',
    'interfaces',
  ],
  disk: [
    'partitions',
    'read_bytes',
    'write_bytes',
    'read_count',
    'write_count',
    'read_bytes_per_sec',
    'write_bytes_per_sec',
  ],
  perf_events: ['available', 'cpu_cores', 'interval_ms', 'events'],
  memory_bandwidth: [
    'pgpgin_per_sec',
    'pgpgout_per_sec',
    'pswpin_per_sec',
    'pswpout_per_sec',
    'pgfault_per_sec',
    'pgmajfault_per_sec',
  ],
};

function expectEveryField(snapshot: object): void {
  for (const [collector, fields] of Object.entries(FIELDS)) {
    for (const field of fields) expect(snapshot).toHaveProperty([collector, field]);
  }
}

/** What the server answers to an upgrade it does not go along with. */
function refusedUpgrade(url: string): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'));
    socket.on('error', () => {});
    socket.on('open', () => reject(new Error('the upgrade was not refused')));
    socket.on('unexpected-response', (_request, response) => {
      json(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
  });
}

/** The threads of a process by name. */
function threadCount(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

function childrenOf(pid: number): string[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

describe('a running server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  test('streams whole snapshots of the default collectors, one after another', async () => {
    const client = server.connect();
    await client.until(() => client.snapshots.some((snapshot) => snapshot.perf_events !== undefined));
    const seen = client.snapshots.length;
    const snapshots = (await client.take(seen + 20)).slice(seen);
    client.close();
    const first = snapshots[0]!.sequence;
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(snapshots.map((_, index) => first + index));
    for (const snapshot of snapshots) {
      expect(snapshot.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Object.keys(snapshot.sampling.collectors)).toEqual(DEFAULT_COLLECTORS);
    }
    expectEveryField(snapshots.at(-1)!);
    const hello = client.frames[0] as HelloFrame;
    expect(hello).toMatchObject({ type: 'hello', protocol: 1, interval_ms: 100 });
    expect(hello.collectors.map(({ name }) => name)).toEqual(DEFAULT_COLLECTORS);
  });

  test('says the same in JSON', async () => {
    const client = server.connect('?format=json&collectors=memory');
    // The first ones may come before every thread has begun.
    await client.until(() => client.snapshots.at(-1)?.memory !== undefined);
    const snapshot = client.snapshots.at(-1);
    client.close();
    expect(Object.keys(snapshot!)).toEqual(['type', 'sequence', 'timestamp', 'memory', 'sampling']);
    expect(Object.keys(snapshot!.sampling.collectors)).toEqual(['memory']);
  });

  test('thins out to the interval a client asks for', async () => {
    const client = server.connect('?interval=300ms&collectors=cpu,memory_bandwidth');
    const snapshots = await client.take(4);
    client.close();
    for (const { sampling } of snapshots) expect((sampling.tick + 1) % 3).toBe(0);
    const distances = snapshots
      .slice(1)
      .map(({ sampling }, index) => sampling.tick - snapshots[index]!.sampling.tick);
    for (const distance of distances) expect(distance % 3).toBe(0);
  });

  test.each([
    ['?format=xml', /msgpack, json, msgpack-records/],
    ['?interval=10ms', /100ms/],
    ['?interval=5', /write 100ms/],
    ['?collectors=cpu,gpu', /gpu/],
  ])('refuses a subscription it cannot honour: %s', async (query, message) => {
    const { status, body } = await refusedUpgrade(`${server.url}/stream${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'BAD_REQUEST', message: expect.stringMatching(message) } });
  });

  test('answers over HTTP', async () => {
    expect(await server.json('/snapshot')).toMatchObject({ type: 'snapshot' });
    expect(await server.json('/health')).toMatchObject({ status: 'ok', interval_ms: 100 });
    expect(await server.json('/collectors')).toMatchObject({
      collectors: DEFAULT_COLLECTORS.map((name) => ({ name, enabled: true })),
    });
    expect(await server.json('/stream')).toMatchObject({ error: { code: 'UPGRADE_REQUIRED' } });
    expect(await server.json('/nothing')).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect((await server.fetch('/snapshot', { method: 'DELETE' })).status).toBe(405);
  });

  test('switches a collector off and on while it runs', async () => {
    const client = server.connect();
    const patch = (enabled: unknown): Promise<Response> =>
      server.fetch('/collectors/memory', { method: 'PATCH', body: JSON.stringify({ enabled }) });
    expect(await (await patch(false)).json()).toMatchObject({ name: 'memory', enabled: false });
    await client.until(() => {
      const latest = client.snapshots.at(-1);
      return latest?.sampling.collectors.memory?.state === 'disabled' && latest.memory === undefined;
    });
    expect(await (await patch(true)).json()).toMatchObject({ name: 'memory', enabled: true });
    await client.until(() => client.snapshots.at(-1)?.memory !== undefined);
    client.close();
    expect((await patch('yes')).status).toBe(400);
    const unknown = await server.fetch('/collectors/gpu', { method: 'PATCH', body: '{"enabled":true}' });
    expect(unknown.status).toBe(404);
  });

  test.each([[{ origin: 'http://evil.example' }], [{ origin: 'null' }]])(
    'keeps pages of other sites out: %j',
    async (headers) => {
      const response = await server.fetch('/snapshot', { headers });
      expect(response.status).toBe(403);
    },
  );

  test('follows with the stream command', () => {
    const output = execFileSync(process.execPath, [MAIN, 'stream', '--url', server.url, '--count', '3'], {
      encoding: 'utf8',
    });
    const sequences = output
      .trim()
      .split('\n')
      .map((line) => Number(JSON.parse(line).sequence));
    expect(sequences).toEqual([sequences[0], sequences[0]! + 1, sequences[0]! + 2]);
  });
});

describe('the life of a server', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it, with exit code 0 and nothing left behind',
    async (signal) => {
      const server = await TestServer.start();
      const client = server.connect();
      await client.take(5);
      const children = childrenOf(server.process.pid!);
      expect(await server.stop(signal)).toBe(0);
      expect(await client.closed).toMatchObject({ code: 1001 });
      for (const child of children) {
        while (spawnSync('kill', ['-0', child]).status === 0) await delay(20);
      }
    },
  );

  test('a second server on the same port says so and ends with 2', async () => {
    const server = await TestServer.start();
    const address = server.url.replace('http://', '');
    const second = spawnSync(process.execPath, [MAIN, 'serve', '--no-history', '--listen', address], {
      encoding: 'utf8',
    });
    await server.stop();
    expect(second.status).toBe(2);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(second.stderr).toContain(address);
  });

  test('says in its first lines where it listens, what it samples and what it cannot', async () => {
    const server = await TestServer.start(['--collectors', 'cpu,memory', '--interval', '50ms']);
    const client = server.connect();
    await client.take(5);
    client.close();
    await server.stop();
    expect(server.stderr).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+/);
    expect(server.stderr).toMatch(/cpu, memory 20 times a second/);
  });
});

describe('one snapshot', () => {
  test('carries every field', () => {
    const { stdout } = spawnSync(process.execPath, [MAIN, 'snapshot'], { encoding: 'utf8' });
    expectEveryField(JSON.parse(stdout));
  });

  test('ends quietly when nobody reads it', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${MAIN}" snapshot | true`]);
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});

describe('the doctor', () => {
  test('tells of everything a collector could want, with a remedy where there is one', () => {
    const { stdout, status } = spawnSync(process.execPath, [MAIN, 'doctor', '--json'], { encoding: 'utf8' });
    expect(status).toBe(0);
    const findings: HostFinding[] = JSON.parse(stdout);
    const subjects = findings.map(({ subject }) => subject);
    for (const subject of [
      'runtime',
      'web server',
      'kernel',
      'cpu',
      'memory',
      'network',
      'disk',
      'perf events',
    ]) {
      expect(subjects).toContain(subject);
    }
    for (const { state } of findings) expect(['ok', 'limited', 'missing']).toContain(state);
  });

  test('reads the host it is pointed at', () => {
    const copy = new MachineCopy('server-128');
    const { stdout } = spawnSync(process.execPath, [MAIN, 'doctor', '--rootfs', copy.rootfs], {
      encoding: 'utf8',
    });
    copy.dispose();
    expect(stdout).toMatch(/CPU temperature\s+67 °C/);
    expect(stdout).toMatch(/CPU frequency\s+2846 MHz from cpufreq/);
  });
});

describe('mistakes on the command line', () => {
  test.each([
    [['serve', '--interval', '100']],
    [['serve', '--interval', '0.5ms']],
    [['serve', '--interval', '2h']],
    [['serve', '--collectors', 'cpu,gpu']],
    [['serve', '--collectors', '']],
    [['serve', '--listen', 'nowhere']],
    [['serve', '--rootfs', '/nowhere']],
    [['serve', '--perf-cpus', 'one']],
    [['serve', '--no-such-flag']],
    [['sreve']],
    [['stream', '--count', '0']],
  ])('%j costs one line and exit code 2', (args) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a flag may be an environment variable', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve'], {
      encoding: 'utf8',
      env: { ...process.env, HZSTAT_INTERVAL: '7' },
    });
    expect(status).toBe(2);
    expect(stderr).toContain('HZSTAT_INTERVAL');
  });

  test('a server that is not there is exit code 1', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'stream', '--url', '127.0.0.1:9'], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/hzstat serve/);
  });
});

test('threads are one per collector', async () => {
  // Both have the disk collector: its statfs calls start the runtime's own pool of four threads, at some time.
  const few = await TestServer.start(['--collectors', 'disk']);
  const many = await TestServer.start();
  await Promise.all([few.connect().take(3), many.connect().take(3)]);
  await vi.waitFor(
    () =>
      expect(threadCount(many.process.pid!) - threadCount(few.process.pid!)).toBe(
        DEFAULT_COLLECTORS.length - 1,
      ),
    { timeout: 10_000, interval: 100 },
  );
  expect(readFileSync(`/proc/${few.process.pid}/cmdline`, 'latin1')).toContain('serve');
  await Promise.all([few.stop(), many.stop()]);
});
