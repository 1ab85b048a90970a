import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAIN, TestServer } from '../support/server.ts';

const WORST = 'SELECT timestamp, usage_percent FROM cpu ORDER BY usage_percent DESC LIMIT 5';

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hzstat-e2e-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function hzstat(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

function post(server: TestServer, sql: string, accept = 'application/json'): Promise<Response> {
  return server.fetch('/query', { method: 'POST', body: sql, headers: { accept } });
}

describe('a server that records', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(['--data-dir', dataDir, '--collectors', 'default,interrupts']);
    const client = server.connect();
    await client.until(() =>
      client.snapshots.some(({ disk }) => Object.keys(disk?.partitions ?? {}).length > 0),
    );
    await client.take(15);
    client.close();
  });
  afterAll(() => server.stop());

  test('answers in JSON, the last second included', async () => {
    const latest = await server.json('/snapshot');
    const answer = await (await post(server, 'SELECT max(sequence) AS latest FROM sampling')).json();
    expect(answer).toMatchObject({
      columns: [{ name: 'latest', type: 'BIGINT' }],
      row_count: 1,
      truncated: false,
    });
    const rows: unknown[][] = Reflect.get(Object(answer), 'rows');
    expect(Number(rows[0]![0])).toBeGreaterThanOrEqual(Number(latest.sequence));
  });

  test('records for every table what the snapshots say', async () => {
    const tables = [
      'cpu',
      'cpu_core',
      'memory',
      'network',
      'network_interface',
      'disk',
      'disk_partition',
      'sampling',
    ];
    const more = [
      'disk_device',
      'memory_bandwidth',
      'sampling_collector',
      'interrupts',
      'interrupts_softirq',
    ];
    for (const table of [...tables, ...more]) {
      const answer: unknown = await (await post(server, `SELECT count(*) > 0 FROM ${table}`)).json();
      expect(answer, table).toMatchObject({ rows: [[true]] });
      for (const rollup of ['1s', '1m']) {
        const rolled: unknown = await (
          await post(server, `SELECT sum(samples) > 0 FROM ${table}_${rollup}`)
        ).json();
        expect(rolled, `${table}_${rollup}`).toMatchObject({ rows: [[true]] });
      }
    }
  });

  test('answers in CSV and Parquet', async () => {
    const csv = await post(server, WORST, 'text/csv');
    expect(csv.headers.get('content-type')).toMatch('text/csv');
    expect((await csv.text()).split('\n')[0]).toBe('timestamp,usage_percent');
    const parquet = await post(server, WORST, 'application/vnd.apache.parquet');
    const bytes = Buffer.from(await parquet.arrayBuffer());
    expect(bytes.subarray(0, 4).toString() + bytes.subarray(-4).toString()).toBe('PAR1PAR1');
  });

  test.each([
    ['DROP VIEW cpu', 403, 'QUERY_REFUSED'],
    ['SELECT nothing FROM cpu', 400, 'QUERY_INVALID'],
    ['x'.repeat(100_000), 413, 'BODY_TOO_LARGE'],
  ])('answers a bad question with its code', async (sql, status, code) => {
    const response = await post(server, sql);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  test('says in sampling and in health that it records', async () => {
    expect(await server.json('/snapshot')).toMatchObject({ sampling: { history: { state: 'recording' } } });
    expect(await server.json('/health')).toMatchObject({
      history: { state: 'recording', lost_snapshots: 0 },
    });
  });

  test('does not let a page of another site ask', async () => {
    const response = await server.fetch('/query', {
      method: 'POST',
      body: 'SELECT 1',
      headers: { origin: 'http://evil.example' },
    });
    expect(response.status).toBe(403);
  });

  test('keeps its cadence during a heavy query', async () => {
    const client = server.connect('?collectors=cpu');
    await client.take(3);
    const before = client.snapshots.at(-1)!;
    const heavy = 'SELECT count(*) FROM range(300000000) a WHERE hash(a.range) % 7 = 3';
    const answered = post(server, heavy);
    await answered;
    await client.take(client.snapshots.length + 2);
    client.close();
    const after = client.snapshots.at(-1)!;
    const ticks = after.sampling.tick - before.sampling.tick;
    expect(after.sampling.missed_ticks - before.sampling.missed_ticks).toBeLessThanOrEqual(ticks / 10);
  });

  test('lets a client that goes away take its query back', async () => {
    const abort = new AbortController();
    const endless = 'SELECT count(*) FROM range(100000000000)';
    const asked = server.fetch('/query', { method: 'POST', body: endless, signal: abort.signal });
    setTimeout(() => abort.abort(), 300);
    await expect(asked).rejects.toThrow();
    await expect(post(server, 'SELECT 1')).resolves.toMatchObject({ status: 200 });
  });

  test('is asked on the command line in three formats', () => {
    const table = hzstat('query', '--url', server.url, WORST);
    expect(table.status).toBe(0);
    expect(table.stdout.split('\n')[0]).toMatch(/^timestamp +usage_percent$/);
    expect(table.stdout.trim().split('\n').length).toBe(7);
    const json = hzstat('query', '--url', server.url, '--format', 'json', WORST);
    expect(JSON.parse(json.stdout)).toMatchObject({ row_count: 5 });
    const csv = hzstat('query', '--url', server.url, '--format', 'csv', WORST);
    expect(csv.stdout.trim().split('\n').length).toBe(6);
  });

  const MANY = 'SELECT i FROM range(30000) t(i)';

  test('has a limit of rows in JSON and for people, says so, and none for files', () => {
    const json = hzstat('query', '--url', server.url, '--format', 'json', MANY);
    expect(json.status).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ row_count: 10_000, truncated: true });
    expect(json.stderr).toMatch(/^hzstat: only the first 10000 rows: .*--format csv\n$/);
    const csv = hzstat('query', '--url', server.url, '--format', 'csv', MANY);
    expect(csv).toMatchObject({ status: 0, stderr: '' });
    expect(csv.stdout.trim().split('\n')).toHaveLength(30_001);
    const parquet = hzstat('query', '--url', server.url, '--format', 'parquet', MANY);
    expect(parquet).toMatchObject({ status: 0, stderr: '' });
    expect(parquet.stdout.slice(0, 4)).toBe('PAR1');
  });

  test('ends without a proper end, and with exit code 1, what is cut off in the middle', async () => {
    const failing = `SELECT CASE WHEN i = 399999 THEN error('no more') ELSE i END FROM range(400000) t(i)`;
    const csv = hzstat('query', '--url', server.url, '--format', 'csv', failing);
    expect(csv.status).toBe(1);
    expect(csv.stdout.length).toBeGreaterThan(100_000);
    expect(csv.stderr).toMatch(/^hzstat: the answer of \S+ was cut off .* what has come is not all\n$/);
    await expect(post(server, failing, 'text/csv').then((answer) => answer.text())).rejects.toThrow();
  });

  test('streams what is large at the pace of whoever reads it', async () => {
    const memory = async (): Promise<number> =>
      ((await server.json('/snapshot')) as { sampling: { memory_bytes: number } }).sampling.memory_bytes;
    const wide = `SELECT repeat('x', 1000) AS x FROM range(200000)`;
    const before = await memory();
    const answers = await Promise.all([post(server, wide, 'text/csv'), post(server, wide, 'text/csv')]);
    let bytes = 0;
    for (const answer of answers) for await (const piece of answer.body!) bytes += piece.length;
    expect(bytes).toBeGreaterThan(2 * 200_000 * 1_000);
    // Two answers of 200 MB; in memory they would be there as a whole.
    expect((await memory()) - before).toBeLessThan(150e6);
  });

  test('refuses on the command line with one line and exit code 1', () => {
    const { status, stderr } = hzstat('query', '--url', server.url, 'DROP VIEW cpu');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^hzstat: .*allowed is/);
  });

  test('keeps a second one from its directory, naming itself', () => {
    const { status, stderr } = hzstat('serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`process ${server.process.pid}`);
  });
});

describe('when no server runs', () => {
  test('the directory it left is asked', () => {
    const { status, stdout } = hzstat('query', '--data-dir', dataDir, '--format', 'json', WORST);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ row_count: 5 });
  });

  const ask = (...flags: string[]) =>
    spawnSync(process.execPath, [MAIN, 'query', ...flags, WORST], {
      encoding: 'utf8',
      env: { ...process.env, STATE_DIRECTORY: dataDir },
    });

  test('the default directory is asked', () => {
    expect(JSON.parse(ask('--format', 'json').stdout)).toMatchObject({ row_count: 5 });
  });

  test('a flag says who is asked, whatever the environment names', () => {
    const named = (flags: string[], environment: NodeJS.ProcessEnv) =>
      spawnSync(process.execPath, [MAIN, 'query', '--format', 'json', ...flags, WORST], {
        encoding: 'utf8',
        env: { ...process.env, ...environment },
      });
    const away = 'http://127.0.0.1:9';
    expect(JSON.parse(named(['--data-dir', dataDir], { HZSTAT_URL: away }).stdout)).toMatchObject({
      row_count: 5,
    });
    expect(named(['--url', away], { HZSTAT_DATA_DIR: dataDir })).toMatchObject({ status: 1, stdout: '' });
    expect(JSON.parse(named([], { HZSTAT_DATA_DIR: dataDir }).stdout)).toMatchObject({ row_count: 5 });
    expect(named(['--url', away, '--data-dir', dataDir], {})).toMatchObject({ status: 2, stdout: '' });
  });

  test.each(['http://hzstat.invalid:9', 'http://127.0.0.1:9'])(
    'no directory of this machine is asked for a server that was named: %s',
    (url) => {
      const answer = ask('--url', url);
      expect(answer).toMatchObject({ status: 1, stdout: '' });
      expect(answer.stderr).toMatch(/^hzstat: no hzstat answers at http:\/\/\S+:9 .*\n$/);
    },
  );

  test('a server that was killed has left its last snapshots, less a second', async () => {
    const server = await TestServer.start(['--data-dir', dataDir]);
    const client = server.connect();
    await client.take(25);
    const wanted = client.snapshots[10]!.timestamp;
    await server.stop('SIGKILL');
    const { stdout } = hzstat(
      'query',
      '--data-dir',
      dataDir,
      '--format',
      'json',
      `SELECT count(*) FROM cpu WHERE timestamp = '${wanted}'`,
    );
    expect(JSON.parse(stdout).rows).toEqual([[1]]);
  });
});

test('a directory that cannot be written to costs one line and exit code 2', () => {
  const { status, stderr } = hzstat('serve', '--listen', '127.0.0.1:0', '--data-dir', '/proc/nowhere');
  expect(status).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('--no-history');
});

test('with --no-history nothing is recorded, and a question says so', async () => {
  const server = await TestServer.start();
  const response = await post(server, 'SELECT 1');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'HISTORY_DISABLED' } });
  await server.stop();
});

test('a reader that stops half-way does no harm', async () => {
  const child = spawn('sh', [
    '-c',
    `"${process.execPath}" "${MAIN}" query --data-dir "${dataDir}" "FROM sampling" | head -1`,
  ]);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(0);
});
