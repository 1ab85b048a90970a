import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { MovingDisk } from '../support/moving_disk.ts';
import { BUCKET, S3Server } from '../support/s3_server.ts';
import { MAIN, TestServer } from '../support/server.ts';

/** As many as a rack, where the whole suite is run; two cores that others share are full of a few. */
const HOSTS = process.env.CI ? 20 : 4;
const SPIKE = { host: 1, latencyMs: 900, forMs: 250 };
const KILLED = 2;
const MINUTE_MS = 60_000;
const LONG = { timeout: 300_000, interval: 500 };

const folder = mkdtempSync(join(tmpdir(), 'hzstat-fleet-'));
const lake = join(folder, 'lake');
const disks = Array.from({ length: HOSTS }, () => new MovingDisk());
const servers: TestServer[] = [];
let s3: S3Server | undefined;
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  for (const disk of disks) disk.dispose();
  await s3?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const nameOf = (host: number): string => `host-${String(host).padStart(2, '0')}`;

/** Every other host fills a bucket, the rest a directory. */
const isInBucket = (host: number): boolean => host % 2 === 0;

async function start(host: number, bucket: S3Server): Promise<TestServer> {
  const server = await TestServer.start(
    [
      ...['--rootfs', disks[host]!.rootfs, '--collectors', 'disk', '--data-dir', join(folder, nameOf(host))],
      ...['--lake', isInBucket(host) ? `s3://${BUCKET}` : lake, '--lake-period', '1m'],
      ...['--label', `host=${nameOf(host)}`],
    ],
    bucket.environment,
  );
  servers.push(server);
  return server;
}

type Cell = string | number | null;

function ask(args: readonly string[], sql: string): Cell[][] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [MAIN, 'query', '--format', 'json', ...args, sql],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const { rows }: { rows: Cell[][] } = JSON.parse(stdout);
  return rows;
}

/** Waits until the last of what all hosts take now is in the lake, which is when the next minute is over. */
async function untilUploaded(running: readonly TestServer[]): Promise<void> {
  const overMs = (Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS;
  await vi.waitFor(async () => {
    for (const server of running) {
      const { lake } = await server.json('/health');
      const { last_upload, waiting_files } = lake as { last_upload?: string; waiting_files: number };
      expect([Date.parse(last_upload ?? '') > overMs, waiting_files]).toEqual([true, 0]);
    }
  }, LONG);
}

test('many hosts fill a lake, though one of them and the server are killed, and one question finds the slow disk', async () => {
  s3 = await S3Server.start();
  const bucket = s3;
  const running: TestServer[] = [];
  for (let host = 0; host < HOSTS; host++) running.push(await start(host, bucket));
  await pause(3_000);
  disks[SPIKE.host]!.slowDown(SPIKE.latencyMs, SPIKE.forMs);
  await running[KILLED]!.stop('SIGKILL');
  const killedMs = Date.now();
  running[KILLED] = await start(KILLED, bucket);
  // Away while a minute ends.
  await bucket.kill();
  await vi.waitFor(async () => {
    for (const [host, server] of running.entries()) {
      if (isInBucket(host)) expect((await server.json('/health')).lake).toMatchObject({ state: 'failing' });
    }
  }, LONG);
  await bucket.begin();
  await untilUploaded(running);
  await Promise.all(running.map((server) => server.stop()));

  // What is in the bucket is the same as what is in the directory, and becomes one lake with it.
  for (const key of await bucket.keys()) {
    const path = join(lake, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, (await bucket.get(key)) ?? '');
  }
  expect(new Set(bucket.stored).size).toBe(bucket.stored.length);

  const hosts = ask(
    ['--lake', lake],
    `SELECT host, count(*), count(DISTINCT timestamp), max(timestamp), count(DISTINCT timestamp) FILTER (timestamp < '${new Date(killedMs).toISOString()}'),
              max(timestamp) FILTER (timestamp < '${new Date(killedMs).toISOString()}')
       FROM sampling GROUP BY host ORDER BY host`,
  );
  expect(hosts.map(([host]) => host)).toEqual(Array.from({ length: HOSTS }, (_, host) => nameOf(host)));
  for (const [host, [, rows, distinct, last, , lastBefore]] of hosts.entries()) {
    expect(distinct, nameOf(host)).toBe(rows);
    const taken = ask(
      ['--data-dir', join(folder, nameOf(host))],
      `SELECT count(DISTINCT timestamp), max(tick) - min(tick) + 1 - count(*), max(missed_ticks) - min(missed_ticks)
         FROM sampling WHERE timestamp <= '${last}'`,
    );
    const [[ticks, absent, missed] = []] = taken;
    expect(distinct, nameOf(host)).toBe(ticks);
    if (host !== KILLED) expect(absent, nameOf(host)).toBe(missed);
    // The journal is made last once a second; a kill costs that, and what was on its way there.
    else expect(killedMs - Date.parse(String(lastBefore))).toBeLessThan(5_000);
  }

  const [[host, worst, latency] = []] = ask(
    ['--lake', lake],
    `WITH minutes AS (SELECT host, time_bucket(INTERVAL 1 minute, timestamp) AS minute,
                               quantile_cont(write_latency_ms, 0.999) AS p999,
                               arg_max(timestamp, write_latency_ms) AS worst, max(write_latency_ms) AS latency
                        FROM disk_device GROUP BY ALL)
       SELECT host, worst, latency FROM minutes ORDER BY p999 DESC LIMIT 1`,
  );
  expect(host).toBe(nameOf(SPIKE.host));
  expect(Number(latency)).toBeGreaterThan(SPIKE.latencyMs / 2);
  // A tick tells of what was written since the one before it.
  const { fromMs, toMs } = disks[SPIKE.host]!.slow;
  expect(Date.parse(String(worst))).toBeGreaterThanOrEqual(fromMs - 1);
  expect(Date.parse(String(worst))).toBeLessThan(toMs + 1_000);
}, 600_000);
