import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { SnapshotBatch } from '../../src/history/rows/snapshot_batch.ts';
import { Recorder } from '../../src/history/writer/recorder.ts';
import { packedAt, START_MS, settingsFor } from '../support/history.ts';
import { BUCKET, S3Server } from '../support/s3_server.ts';
import { MAIN, TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
const SOON = { timeout: 60_000, interval: 100 };
const LIMIT_MS = 300_000;
/** As text, as `--lake-rate` has it: a file of these tests takes a second or two. */
const SLOW = '0.02MB';

const folder = mkdtempSync(join(tmpdir(), 'hzstat-lake-'));
const servers: TestServer[] = [];
let s3: S3Server | undefined;
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
  await s3?.stop();
  s3 = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const server = await TestServer.start(args, environment);
  servers.push(server);
  return server;
}

interface LakeStatus {
  readonly state: string;
  readonly uploaded_files: number;
  readonly waiting_files: number;
  readonly failed_attempts: number;
  readonly message?: string;
}

async function lakeOf(server: TestServer): Promise<LakeStatus> {
  const { lake } = await server.json('/health');
  return lake as LakeStatus;
}

const SNAPSHOTS = 400;
/** Those its snapshots have rows for: memory_bandwidth, sampling, sampling_collector. */
const TABLES = 3;

/** A data directory with so many minutes of long ago in it, none of which was ever uploaded. */
async function recorded(name: string, minutes: number): Promise<string> {
  const dataDir = join(folder, name);
  mkdirSync(dataDir);
  const recorder = new Recorder(settingsFor(dataDir, { outbox: { periodMs: MINUTE_MS } }));
  recorder.open();
  for (let minute = 0; minute < minutes; minute++) {
    const batch = new SnapshotBatch();
    for (let count = 0; count < SNAPSHOTS; count++)
      batch.add(packedAt(minute * SNAPSHOTS + count, START_MS + minute * MINUTE_MS + count * 100));
    recorder.append(START_MS / MINUTE_MS + minute, batch.take());
  }
  await recorder.close();
  return dataDir;
}

/** All files below a directory. */
function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

const isParquet = (file: string): boolean => file.endsWith('.parquet');
/** Whether a file is of what {@link recorded} made, and not of what a server records meanwhile. */
const isOfThen = (file: string): boolean => isParquet(file) && file.includes('/date=2026-01-05/');

interface Listed {
  readonly file: string;
  readonly table: string;
  readonly rows: number;
  readonly sha256: string;
}

/** What the manifests of a host list of the day of {@link START_MS}. */
function listedIn(text: Buffer | undefined): Listed[] {
  const manifest: { files: Listed[] } = JSON.parse(text?.toString() ?? '{"files":[]}');
  return manifest.files;
}

const MANIFEST = '_manifest/date=2026-01-05/host=db-7.json';

function sha256(content: Buffer | undefined): string {
  return createHash('sha256')
    .update(content ?? '')
    .digest('hex');
}

function query(lake: string, sql: string) {
  const args = [MAIN, 'query', '--format', 'json', '--lake', lake, sql];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const rows: unknown = status === 0 ? JSON.parse(stdout).rows : undefined;
  return { status, stderr, rows };
}

test(
  'a minute goes to a directory when it is over, whole and once',
  async () => {
    const lake = join(folder, 'live');
    const dataDir = join(folder, 'live-data');
    const args = ['--data-dir', dataDir, '--lake', lake, '--lake-period', '1m', '--label', 'host=db/7'];
    let server = await serve(args);
    expect(server.stderr).toContain(`filling the lake in ${lake} every 1m as db/7`);
    await vi.waitFor(async () => expect((await lakeOf(server)).uploaded_files).toBeGreaterThan(5), {
      timeout: 100_000,
      interval: 200,
    });
    const metrics = await (await server.fetch('/metrics')).text();
    expect(metrics).toMatch(/^hzstat_lake_uploaded_files_total [1-9]/m);
    const tables = query(
      lake,
      'SELECT host, count(*), count(DISTINCT tick), max(tick) - min(tick) + 1 FROM sampling GROUP BY host',
    );
    const [[host, rows, ticks, span] = []] = tables.rows as [string, number, number, number][];
    expect([host, rows]).toEqual(['db/7', ticks]);
    const { missed_ticks } = await server.json('/health');
    expect(Number(ticks) + Number(missed_ticks)).toBeGreaterThanOrEqual(Number(span));
    // The same rows as history has of that time.
    const ofHistory = await server.json('/query', {
      method: 'POST',
      body: `SELECT count(*) FROM sampling WHERE timestamp <= '${String((query(lake, 'SELECT max(timestamp) FROM sampling').rows as string[][])[0]?.[0])}'`,
    });
    expect(ofHistory.rows).toEqual([[rows]]);
    // The minute under way was cut short by an end: it comes after the next start, and nothing a second time.
    const before = filesIn(lake).filter(isParquet);
    await server.stop();
    server = await serve(args);
    await vi.waitFor(async () => expect((await lakeOf(server)).uploaded_files).toBeGreaterThan(5), {
      timeout: 100_000,
      interval: 200,
    });
    const after = filesIn(lake).filter(isParquet);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.filter((file) => /\.\d+\.parquet$/.test(file))).toEqual([]);
    const both = query(lake, 'SELECT count(*) - count(DISTINCT timestamp) FROM sampling');
    expect(both.rows).toEqual([[0]]);
    expect(await server.stop()).toBe(0);
  },
  LIMIT_MS * 2,
);

test(
  'a kill in the middle of an upload leaves no half file, and each file comes once',
  async () => {
    const lake = join(folder, 'killed');
    const dataDir = await recorded('killed-data', 4);
    const args = ['--data-dir', dataDir, '--lake', lake, '--lake-period', '1m', '--label', 'host=db-7'];
    const killed = await serve([...args, '--lake-rate', SLOW]);
    // One is there, and another under way.
    await vi.waitFor(() => {
      expect(filesIn(lake).filter(isParquet).length).toBeGreaterThan(0);
      expect(filesIn(lake).filter((file) => file.endsWith('.tmp')).length).toBe(1);
    }, SOON);
    await killed.stop('SIGKILL');
    const before = filesIn(lake).filter(isParquet);
    for (const file of before) expect(readFileSync(join(lake, file)).subarray(-4).toString()).toBe('PAR1');
    const server = await serve(args);
    await vi.waitFor(async () => {
      const status = await lakeOf(server);
      expect([status.waiting_files, status.state]).toEqual([0, 'idle']);
      expect(listedIn(readFileSync(join(lake, MANIFEST)))).toHaveLength(4 * TABLES);
    }, SOON);
    const listed = listedIn(readFileSync(join(lake, MANIFEST)));
    expect(listed.map(({ file }) => file)).toEqual(filesIn(lake).filter(isOfThen));
    expect(filesIn(lake).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    for (const { file, sha256: told } of listed) expect(sha256(readFileSync(join(lake, file)))).toBe(told);
    expect(listed.filter(({ table }) => table === 'sampling').map(({ rows }) => rows)).toEqual(
      Array.from({ length: 4 }, () => SNAPSHOTS),
    );
    expect(
      query(
        lake,
        "SELECT host, count(*), count(DISTINCT tick) FROM sampling WHERE timestamp < '2026-01-06' GROUP BY host",
      ).rows,
    ).toEqual([['db-7', 4 * SNAPSHOTS, 4 * SNAPSHOTS]]);
  },
  LIMIT_MS,
);

test(
  'a bucket gets each file once, whatever is killed meanwhile',
  async () => {
    s3 = await S3Server.start();
    const bucket = s3;
    const dataDir = await recorded('s3-data', 4);
    const args = ['--data-dir', dataDir, '--lake', `s3://${BUCKET}/all/hosts`];
    // What is recorded meanwhile is uploaded just as slowly.
    const more = ['--lake-period', '1m', '--label', 'host=db-7', '--collectors', 'memory'];
    const killed = await serve([...args, ...more, '--lake-rate', SLOW], bucket.environment);
    await vi.waitFor(() => expect(bucket.stored.length).toBeGreaterThan(1), SOON);
    await killed.stop('SIGKILL');
    const server = await serve([...args, ...more, '--lake-rate', SLOW], bucket.environment);
    const before = bucket.stored.length;
    await vi.waitFor(() => expect(bucket.stored.length).toBeGreaterThan(before), SOON);
    await bucket.kill();
    await vi.waitFor(async () => {
      const status = await lakeOf(server);
      expect(status).toMatchObject({ state: 'failing', message: expect.stringContaining('does not answer') });
    }, SOON);
    expect(server.stderr).toMatch(/ warn lake: http:\/\/127\.0\.0\.1:\d+ does not answer/);
    expect(await server.json('/health')).toMatchObject({ status: 'ok', history: { state: 'recording' } });
    await bucket.begin();
    // It may have to wait for a minute until it is tried again.
    await vi.waitFor(
      async () => {
        const status = await lakeOf(server);
        expect([status.waiting_files, status.state]).toEqual([0, 'idle']);
        expect(listedIn(await bucket.get(`all/hosts/${MANIFEST}`))).toHaveLength(4 * TABLES);
      },
      { timeout: 150_000, interval: 100 },
    );
    expect(server.stderr).toContain('lake: all is well again');
    const listed = listedIn(await bucket.get(`all/hosts/${MANIFEST}`));
    const keys = listed.map(({ file }) => `all/hosts/${file}`);
    expect((await bucket.keys()).filter(isOfThen).sort()).toEqual(keys);
    expect(bucket.stored.filter(isOfThen).sort()).toEqual(keys);
    for (const { file, sha256: told } of listed)
      expect(sha256(await bucket.get(`all/hosts/${file}`))).toBe(told);
    expect(await server.stop()).toBe(0);
  },
  LIMIT_MS,
);

describe('a question to a lake', () => {
  const lake = join(folder, 'asked');

  test(
    'is about all hosts, and opens only the files of the hours and hosts it asks for',
    async () => {
      const dataDir = await recorded('asked-data', 2);
      const from = join(lake, 'one');
      const args = ['--data-dir', dataDir, '--lake', from, '--lake-period', '1m', '--label', 'host=a'];
      const server = await serve(args);
      await vi.waitFor(async () => {
        const { waiting_files, uploaded_files } = await lakeOf(server);
        expect([waiting_files, uploaded_files >= 6]).toEqual([0, true]);
      }, SOON);
      await server.stop();
      // Nothing but its place is of a host: the same files serve as those of another.
      for (const file of filesIn(from).filter(isOfThen)) {
        for (const host of ['a', 'b']) {
          const to = join(lake, 'both', file.replace('host=a', `host=${host}`));
          mkdirSync(join(to, '..'), { recursive: true });
          writeFileSync(to, readFileSync(join(from, file)));
        }
      }
      const both = join(lake, 'both');
      expect(query(both, 'SELECT host, count(*) FROM sampling GROUP BY host ORDER BY host').rows).toEqual([
        ['a', 2 * SNAPSHOTS],
        ['b', 2 * SNAPSHOTS],
      ]);
      expect(
        query(both, 'SELECT host, sum(samples) FROM sampling_1m GROUP BY host ORDER BY host').rows,
      ).toEqual([
        ['a', 2 * SNAPSHOTS],
        ['b', 2 * SNAPSHOTS],
      ]);
      // What is no Parquet cannot be opened without being noticed.
      const other = join(both, 'table=sampling/date=2026-01-05/host=a/20260105T1001Z-1m.parquet');
      writeFileSync(other, 'no parquet');
      const hour = "WHERE timestamp >= '2026-01-05 10:00:00' AND timestamp < '2026-01-05 10:01:00'";
      expect(query(both, `SELECT count(*) FROM sampling ${hour}`)).toMatchObject({
        rows: [[2 * SNAPSHOTS]],
        stderr: '',
      });
      expect(query(both, "SELECT count(*) FROM sampling WHERE host = 'b'")).toMatchObject({
        rows: [[2 * SNAPSHOTS]],
        stderr: '',
      });
      expect(query(both, 'SELECT count(*) FROM sampling')).toMatchObject({
        rows: [[3 * SNAPSHOTS]],
        stderr: expect.stringContaining('left out, because they cannot be read: table=sampling'),
      });
    },
    LIMIT_MS,
  );

  test('of which nothing is there, in a bucket, or beside a server is refused in one line', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(query(empty, 'FROM cpu')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no lake in'),
    });
    const bucket = query('s3://metrics/hzstat', 'FROM cpu');
    expect(bucket.status).toBe(2);
    expect(bucket.stderr).toMatch(
      /^hzstat: s3:\/\/metrics\/hzstat is asked with an engine that reads S3[^\n]*\n$/,
    );
    const args = [MAIN, 'query', '--url', 'http://127.0.0.1:1', '--lake', empty, 'FROM cpu'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('name one of a server')]);
  });
});

describe('a server does not start', () => {
  const environment = { ...process.env, AWS_ACCESS_KEY_ID: '', HOME: folder, HZSTAT_CONFIG: '/dev/null' };

  test.each([
    [['--lake', 's3://metrics/hzstat'], 'there is no key for S3'],
    [['--lake', folder, '--no-history'], 'it needs history'],
    [['--lake', folder, '--lake-period', '7m'], 'no period of a lake'],
    [['--lake', folder, '--lake-rate', 'fast'], 'is not a size'],
    [['--lake', 'gs://bucket'], 'names no lake'],
  ])('with %j', (args, message) => {
    const dataDir = join(folder, 'refused');
    const { status, stderr } = spawnSync(
      process.execPath,
      [MAIN, 'serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir, ...args],
      { encoding: 'utf8', env: environment, timeout: 20_000 },
    );
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
