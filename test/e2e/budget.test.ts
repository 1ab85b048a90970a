import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestClient } from '../support/server.ts';
import { TestServer } from '../support/server.ts';

/** A host whose table of interfaces is so long that reading it takes milliseconds. */
function slowHost(interfaces: number): string {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-slow-'));
  mkdirSync(join(rootfs, 'proc/net'), { recursive: true });
  mkdirSync(join(rootfs, 'sys'));
  const rows = Array.from(
    { length: interfaces },
    (_, index) => `veth${index}: ${Array.from({ length: 16 }, (_, column) => index * 16 + column).join(' ')}`,
  );
  const header = 'Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n';
  mkdirSync(join(rootfs, 'proc/1/net'), { recursive: true });
  for (const file of ['proc/net/dev', 'proc/1/net/dev']) {
    writeFileSync(join(rootfs, file), `${header}${rows.join('\n')}\n`);
  }
  return rootfs;
}

describe('a sampler on a host that costs it too much', () => {
  const rootfs = slowHost(500);
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await TestServer.start([
      '--rootfs',
      rootfs,
      '--collectors',
      'network',
      '--interval',
      '20ms',
      '--budget',
      '1%',
    ]);
    client = server.connect('?interval=500ms');
  });
  afterAll(async () => {
    client.close();
    await server.stop();
    rmSync(rootfs, { recursive: true, force: true });
  });

  test('takes samples less often, and says so in sampling and in the log', async () => {
    await client.until(() => (client.snapshots.at(-1)?.sampling.interval_ms ?? 0) > 20);
    const { sampling } = client.snapshots.at(-1)!;
    expect(sampling.budget).toMatchObject({ limit_percent: 1, asked_interval_ms: 20 });
    expect(sampling.budget!.changes).toBeGreaterThanOrEqual(1);
    expect(sampling.budget!.message).toMatch(
      /more than its budget of 1 %: sampling every \d+m?s from now on/,
    );
    expect(server.stderr).toContain(sampling.budget!.message);
  });
});

describe('a budget', () => {
  test('is not kept by one who was told not to', async () => {
    const server = await TestServer.start(['--collectors', 'memory', '--budget', 'off']);
    const client = server.connect();
    const [snapshot] = await client.take(1);
    expect(snapshot!.sampling).not.toHaveProperty('budget');
    expect(server.stderr).toContain('whatever it costs');
    client.close();
    await server.stop();
  });

  test('is two percent of a core unless something else is said', async () => {
    const server = await TestServer.start(['--collectors', 'memory'], {}, []);
    const client = server.connect();
    const [snapshot] = await client.take(1);
    expect(snapshot!.sampling.budget).toEqual({ limit_percent: 2, asked_interval_ms: 100, changes: 0 });
    client.close();
    await server.stop();
  });

  test.each(['2', '-1%', '0%', 'lots'])('of %s costs one line and exit code 2', async (budget) => {
    await expect(TestServer.start(['--budget', budget])).rejects.toThrow(
      /ended with 2: .*no budget: write 2%/,
    );
  });
});
