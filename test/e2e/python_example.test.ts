import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const PYTHON = '/usr/bin/python3';
const EXAMPLE = join(import.meta.dirname, '../../examples/read_records.py');
const withoutMsgpack = skipUnless(
  "Debian's python3-msgpack",
  spawnSync(PYTHON, ['-c', 'import msgpack']).status === 0,
);

interface Ended {
  readonly status: number | null;
  readonly snapshots: Snapshot[];
  readonly stderr: string;
}

/** Runs the example; `first` resolves with its first line. */
function begin(
  server: TestServer,
  ...args: readonly string[]
): { first: Promise<unknown>; ended: Promise<Ended> } {
  const url = `${server.url.replace(/^http/, 'ws')}/stream`;
  const child = spawn(PYTHON, ['-I', EXAMPLE, '--url', url, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const first = once(child.stdout, 'data');
  const exited = once(child, 'exit');
  const ended = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
    ([stdout, stderr, [status]]) => ({
      status: typeof status === 'number' ? status : null,
      snapshots: stdout
        .split('\n')
        .filter(Boolean)
        .map((line): Snapshot => JSON.parse(line)),
      stderr,
    }),
  );
  return { first, ended };
}

/** Runs the example to its end. */
function read(server: TestServer, ...args: readonly string[]): Promise<Ended> {
  return begin(server, ...args).ended;
}

describe.skipIf(withoutMsgpack)('the decoder in Python', () => {
  test('ends quietly when its reader has seen enough', async () => {
    const server = await TestServer.start(['--collectors', 'memory']);
    const url = `${server.url.replace(/^http/, 'ws')}/stream`;
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-o', 'pipefail', '-c', `"${PYTHON}" -I "${EXAMPLE}" --url "${url}" | head -n 2`],
      { encoding: 'utf8', timeout: 30_000 },
    );
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).not.toContain('Traceback');
    expect(status).toBe(0);
    await server.stop();
  });

  test('sees what a client sees that reads plain JSON, from the past into the present', async () => {
    const server = await TestServer.start(['--collectors', 'all', '--interval', '50ms']);
    const client = server.connect('?format=json');
    await client.take(20);
    const python = begin(server, '--query', 'since=1m');
    await python.first;
    // A collector less is another layout.
    await server.json('/collectors/disk', { method: 'PATCH', body: '{"enabled":false}' });
    await client.until(() => client.snapshots.slice(-5).every(({ disk }) => disk === undefined));
    await server.stop();
    const { status, snapshots } = await python.ended;
    expect(status).toBe(0);
    const plain = new Map(client.snapshots.map((snapshot) => [snapshot.sequence, snapshot]));
    const common = snapshots.filter(({ sequence }) => plain.has(sequence));
    expect(common.length).toBeGreaterThan(20);
    expect(common.some(({ disk }) => disk !== undefined)).toBe(true);
    expect(common.some(({ sampling }) => sampling.collectors.disk?.state === 'disabled')).toBe(true);
    for (const snapshot of common) expect(snapshot).toEqual(plain.get(snapshot.sequence));
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(
      snapshots.map((_, index) => snapshots[0]!.sequence + index),
    );
  });

  test('reads extremes, and filters', async () => {
    const server = await TestServer.start(['--interval', '50ms']);
    const query = 'interval=200ms&aggregate=minmax&collectors=cpu';
    const { status, snapshots } = await read(server, '--query', query, '--count', '4');
    await server.stop();
    expect(status).toBe(0);
    const { cpu, minimum, maximum, memory } = snapshots.at(-1)!;
    expect(memory).toBeUndefined();
    const usageIn = (part: unknown): number => {
      const { cpu } = part as { cpu: { usage_percent: number } };
      return cpu.usage_percent;
    };
    expect(usageIn(minimum)).toBeLessThanOrEqual(usageIn(maximum));
    expect(cpu?.per_core.length).toBeGreaterThan(0);
  });

  test('brings the token, says why it was not let in, and ends when the server does', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hzstat-python-'));
    const token = join(directory, 'token');
    writeFileSync(token, 'a-long-enough-secret-for-this\n');
    const server = await TestServer.start(['--collectors', 'memory', '--token-file', token]);
    const stranger = await read(server);
    const guest = begin(server, '--token-file', token, '--query', 'since=1m');
    await guest.first;
    await server.stop();
    const { status, snapshots, stderr } = await guest.ended;
    rmSync(directory, { recursive: true, force: true });
    expect(stranger.status).not.toBe(0);
    expect(stranger.stderr).toMatch(/401 Unauthorized.*UNAUTHORIZED/);
    expect(status).toBe(0);
    expect(stderr).toMatch(/closed: 1001/);
    const reading = snapshots.find(({ memory }) => memory !== undefined);
    expect(reading).toMatchObject({ type: 'snapshot', memory: { total_bytes: expect.any(Number) } });
  });
});
