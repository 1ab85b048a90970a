import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HAS_PROMETHEUS, PrometheusServer } from '../support/prometheus.ts';
import { TestReceiver } from '../support/receiver.ts';
import { MAIN, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { HAS_VICTORIA_METRICS, VictoriaMetrics } from '../support/victoria_metrics.ts';

const withoutVictoria = skipUnless('victoria-metrics', HAS_VICTORIA_METRICS);
const withoutPrometheus = skipUnless('prometheus', HAS_PROMETHEUS);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-remote-write-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let dataDirs = 0;
const newDataDir = (): string => join(directory, `data-${dataDirs++}`);

const servers: TestServer[] = [];
async function serve(...args: string[]): Promise<TestServer> {
  const server = await TestServer.start(['--label', 'host=under-test', ...args]);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
});

/** When CPU usage was recorded, in Unix milliseconds. */
function recorded(dataDir: string): number[] {
  const sql = 'SELECT epoch_ms(timestamp) AS ms FROM cpu WHERE usage_percent IS NOT NULL ORDER BY timestamp';
  const args = [MAIN, 'query', '--data-dir', dataDir, '--format', 'csv', sql];
  const text = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, HZSTAT_CONFIG: '/dev/null' },
  });
  return text.trim().split('\n').slice(1).map(Number);
}

interface RemoteWriteHealth {
  readonly state: string;
  readonly lag_ms: number;
  readonly sent_samples: number;
  readonly dropped_samples: number;
  readonly retries: number;
  readonly message?: string;
}

async function health(server: TestServer): Promise<RemoteWriteHealth> {
  const { remote_write } = await server.json('/health');
  return (remote_write as RemoteWriteHealth[])[0]!;
}

async function healthUntil(
  server: TestServer,
  wanted: (health: RemoteWriteHealth) => boolean,
): Promise<RemoteWriteHealth> {
  const client = server.connect('?interval=200ms');
  try {
    for (let count = 1; ; count++) {
      const now = await health(server);
      if (wanted(now)) return now;
      await client.take(count);
    }
  } finally {
    client.close();
  }
}

const FULL = ['--remote-write-full', 'cpu.*'];

describe.skipIf(withoutVictoria)('VictoriaMetrics', () => {
  let victoria: VictoriaMetrics;
  beforeAll(async () => {
    victoria = await VictoriaMetrics.start();
  });
  afterAll(() => victoria.stop());

  test('has every tick once, although hzstat and it were killed', { timeout: 180_000 }, async () => {
    const args = ['--data-dir', newDataDir(), '--remote-write', victoria.writeUrl, ...FULL];
    const first = await serve(...args);
    await healthUntil(first, ({ sent_samples }) => sent_samples > 0);
    await first.stop('SIGKILL');

    const second = await serve(...args);
    const before = await healthUntil(
      second,
      ({ sent_samples, state }) => sent_samples > 0 && state === 'sending',
    );
    await victoria.end('SIGKILL');
    await healthUntil(second, ({ state, message }) => state === 'retrying' && message !== undefined);
    await victoria.restart();
    await healthUntil(
      second,
      ({ sent_samples, state, retries }) =>
        sent_samples > before.sent_samples && state === 'sending' && retries > 0,
    );
    expect(await second.stop()).toBe(0);

    const ticks = recorded(args[1]!);
    expect(ticks.length).toBeGreaterThan(30);
    const selector = 'hzstat_cpu_usage_ratio{host="under-test"}';
    const [stored] = await victoria.until(
      selector,
      ([series]) => (series?.timestamps.length ?? 0) >= ticks.length,
    );
    expect([...stored!.timestamps].sort((a, b) => a - b)).toEqual(ticks);

    // What was folded has one sample a second, all different, and the largest is no smaller than the smallest.
    const folds = await Promise.all(
      ['min', 'avg', 'max'].map((of) => victoria.series(`hzstat_memory_used_ratio_${of}{host="under-test"}`)),
    );
    for (const [series] of folds) {
      expect(series!.timestamps.every((ms) => ms % 1_000 === 0)).toBe(true);
      expect(new Set(series!.timestamps).size).toBe(series!.timestamps.length);
      expect(series!.timestamps).toEqual(folds[0]![0]!.timestamps);
    }
    const [minima, means, maxima] = folds.map(([series]) => series!.values);
    for (const [i, mean] of means!.entries()) {
      expect(minima![i]).toBeLessThanOrEqual(mean);
      expect(maxima![i]).toBeGreaterThanOrEqual(mean);
    }
    expect(await victoria.series('hzstat_cpu_usage_ratio_max')).toEqual([]);
  });
});

describe.skipIf(withoutPrometheus)('Prometheus', () => {
  test('has every tick once, although hzstat was killed', { timeout: 120_000 }, async () => {
    const prometheus = await PrometheusServer.start('storage:\n  tsdb:\n    out_of_order_time_window: 1h\n', [
      '--web.enable-remote-write-receiver',
    ]);
    try {
      const dataDir = newDataDir();
      const args = ['--data-dir', dataDir, '--remote-write', `${prometheus.url}/api/v1/write`, ...FULL];
      const first = await serve(...args);
      await healthUntil(first, ({ sent_samples }) => sent_samples > 0);
      await first.stop('SIGKILL');
      const second = await serve(...args);
      const { dropped_samples } = await healthUntil(
        second,
        ({ sent_samples, state }) => sent_samples > 0 && state === 'sending',
      );
      expect(dropped_samples).toBe(0);
      expect(await second.stop()).toBe(0);
      const ticks = recorded(dataDir);
      const [counted] = await prometheus.until(
        'count_over_time(hzstat_cpu_usage_ratio{host="under-test"}[10m])',
        ([sample]) => Number(sample?.value[1]) >= ticks.length,
      );
      expect(Number(counted?.value[1])).toBe(ticks.length);
    } finally {
      await prometheus.stop();
    }
  });
});

test('what is refused is dropped, counted and said once', { timeout: 60_000 }, async () => {
  const receiver = await TestReceiver.start((_, number) =>
    number < 2 ? { status: 400, text: 'out of bounds' } : { status: 204 },
  );
  const receiverUrl = receiver.url;
  const server = await serve('--data-dir', newDataDir(), '--remote-write', receiverUrl);
  const fares = await healthUntil(
    server,
    ({ sent_samples, dropped_samples }) => sent_samples > 0 && dropped_samples > 0,
  );
  const client = server.connect();
  // It is told in the snapshots after that.
  await client.until(() => (client.snapshots.at(-1)?.sampling.remote_write_sent_samples ?? 0) > 0);
  const { sampling } = client.snapshots.at(-1)!;
  client.close();
  const metrics = await (await server.fetch('/metrics')).text();
  const answer = await server.json('/query', {
    method: 'POST',
    body: 'SELECT max(remote_write_dropped_samples) AS dropped, count(remote_write_lag_ms) AS lags FROM sampling',
  });
  await server.stop();
  await receiver.stop();
  const told = server.stderr.split('\n').filter((line) => line.includes('out of bounds'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(
    `remote write: ${receiverUrl}: it answers 400 (out of bounds); what it refuses is dropped`,
  );
  expect(sampling.remote_write_dropped_samples).toBe(fares.dropped_samples);
  expect(metrics).toContain(`hzstat_remote_write_dropped_samples_total ${fares.dropped_samples}\n`);
  expect(metrics).toMatch(/\nhzstat_remote_write_lag_seconds [\d.]+\n/);
  expect(JSON.stringify(answer.rows)).toContain(String(fares.dropped_samples));
});

test('without history, what cannot be sent is held in memory for a while', { timeout: 60_000 }, async () => {
  const receiver = await TestReceiver.start((_, number) =>
    number < 3 ? { status: 503, headers: { 'retry-after': '1' } } : { status: 204 },
  );
  const server = await serve('--remote-write', receiver.url, ...FULL);
  await healthUntil(server, ({ sent_samples, state }) => sent_samples > 0 && state === 'sending');
  const { retries } = await health(server);
  await server.stop();
  const taken = receiver.requests
    .slice(3)
    .flatMap(({ series }) =>
      series
        .filter(({ labels }) => labels.__name__ === 'hzstat_load1')
        .flatMap(({ samples }) => samples.map(({ unixMs }) => unixMs)),
    );
  await receiver.stop();
  expect(retries).toBe(3);
  expect(taken.length).toBeGreaterThan(20);
  const gaps = taken.slice(1).map((ms, i) => ms - taken[i]!);
  // Ticks a busy machine missed are no fault of the sender.
  expect(gaps.every((gap) => gap >= 99)).toBe(true);
  expect(Math.min(...taken)).toBe(receiver.samples('hzstat_load1')[0]!.unixMs);
});

test('at an orderly end what is owed is sent, and a receiver that is silent is not waited for', {
  timeout: 60_000,
}, async () => {
  const receiver = await TestReceiver.start();
  const { url } = receiver;
  const dataDir = newDataDir();
  // Few collectors: what the start waits for to say what is missing does not come.
  const server = await serve('--collectors', 'cpu', '--data-dir', dataDir, '--remote-write', url, ...FULL);
  const client = server.connect();
  await client.until(() => client.snapshots.at(-1)?.cpu?.usage_percent !== undefined);
  await server.stop();
  const ticks = recorded(dataDir);
  expect(receiver.samples('hzstat_cpu_usage_ratio').map(({ unixMs }) => unixMs)).toEqual(ticks);
  await receiver.stop();

  const silent = await serve('--data-dir', dataDir, '--remote-write', url, ...FULL);
  await healthUntil(silent, ({ state }) => state === 'retrying');
  expect(await silent.stop()).toBe(0);
});

test('the flags say with whose rights it is sent', { timeout: 60_000 }, async () => {
  const receiver = await TestReceiver.start();
  const password = join(directory, 'password');
  writeFileSync(password, 'secret\n', { mode: 0o644 });
  const server = await serve(
    ...['--remote-write', receiver.url, '--remote-write-interval', '500ms'],
    ...['--remote-write-user', 'hz', '--remote-write-password-file', password],
    ...['--remote-write-header', 'X-Scope-OrgID: tenant-1', '--remote-write-header', 'X-B: b: c'],
  );
  const [request] = await receiver.until(([first]) => first !== undefined);
  await server.stop();
  await receiver.stop();
  expect(request?.headers.authorization).toBe(`Basic ${btoa('hz:secret')}`);
  expect(request?.headers).toMatchObject({ 'x-scope-orgid': 'tenant-1', 'x-b': 'b: c' });
  expect(server.stderr).toContain(`beware: other users of this machine may read ${password}`);
  const steps = new Set(
    request?.series
      .filter(({ labels }) => labels.__name__?.endsWith('_max'))
      .flatMap(({ samples }) => samples.map(({ unixMs }) => unixMs % 500)),
  );
  expect([...steps]).toEqual([0]);
});

test.each([
  [['--remote-write', 'localhost:8428'], 'no address to send to'],
  [['--remote-write', 'http://localhost:8428'], '/api/v1/write'],
  [['--remote-write', 'http://a:b@localhost/api/v1/write'], '--remote-write-password-file'],
  [['--remote-write', 'http://a/w', '--remote-write', 'http://a/w'], 'given twice'],
  [['--remote-write', 'http://a/w', '--remote-write-user', 'x'], 'needs both'],
  [['--remote-write', 'http://a/w', '--remote-write-token-file', '/no/such'], 'cannot read /no/such'],
  [['--remote-write', 'http://a/w', '--remote-write-cert', '/x'], 'needs both'],
  [
    ['--remote-write', 'http://a/w', '--remote-write-full', 'cpu.*,nonsense.*'],
    'no field begins as "nonsense.*"',
  ],
  [['--remote-write', 'http://a/w', '--remote-write-full', 'cpu usage'], 'names no field'],
  [['--remote-write', 'http://a/w', '--remote-write-header', 'nonsense'], 'name: value'],
  [['--remote-write', 'http://a/w', '--remote-write-header', 'Content-Type: x'], 'made by hzstat itself'],
  [['--remote-write', 'http://a/w', '--remote-write-interval', '0s'], 'is not a duration'],
])('%j is refused with exit 2 and one line', (args, why) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'serve', '--no-history', '--listen', '127.0.0.1:0', ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, HZSTAT_CONFIG: '/dev/null' },
      timeout: 20_000,
    },
  );
  expect(stderr).toContain(why);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
});
