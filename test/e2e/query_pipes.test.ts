import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAIN, TestServer } from '../support/server.ts';

const MANY = 'SELECT i, i * 0.5 AS half FROM range(30000) t(i)';
/** More than any pipe holds. */
const ENDLESS = `SELECT i, repeat('x', 1000) AS x FROM range(100000000) t(i)`;
const LIMIT_MS = 60_000;

let directory: string;
let dataDir: string;
/** The temporary directory of what is run, whose leftovers are looked for. */
let scratch: string;
let server: TestServer;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-pipes-'));
  dataDir = join(directory, 'data');
  scratch = join(directory, 'tmp');
  mkdirSync(scratch);
  server = await TestServer.start(['--data-dir', dataDir], { TMPDIR: scratch });
  const client = server.connect();
  await client.take(15);
  client.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function hzstat(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [MAIN, 'query', ...args], {
    encoding: 'utf8',
    input,
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, TMPDIR: scratch },
  });
}

/** Runs it in a pipeline of a shell; `$Q` is the query command. */
function shell(script: string, environment: NodeJS.ProcessEnv = {}) {
  return spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...process.env, TMPDIR: scratch, Q: `${process.execPath} ${MAIN} query`, ...environment },
  });
}

async function leftovers(): Promise<string[]> {
  const found = (): string[] => readdirSync(scratch).filter((name) => /^hzstat-(offline|export)-/.test(name));
  // The server clears away once it has noticed that its client is gone.
  for (let i = 0; i < 100 && found().length > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return found();
}

describe('a question', () => {
  test('is read from standard input, for - and for --file -', () => {
    for (const args of [['-'], ['--file', '-']]) {
      const { status, stdout } = hzstat(
        ['--url', server.url, '--format', 'json', ...args],
        'SELECT 42 AS a;\n',
      );
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ rows: [[42]] });
    }
  });

  test('is read from a file', () => {
    const file = join(directory, 'question.sql');
    writeFileSync(file, '-- how many\nSELECT 6 * 7 AS a\n');
    const { stdout } = hzstat(['--url', server.url, '--format', 'ndjson', '--file', file]);
    expect(stdout).toBe('{"a":42}\n');
  });

  test('that is missing, empty or given twice costs one line and exit code 2', () => {
    for (const args of [[], ['-'], ['SELECT 1', '--file', 'a.sql'], ['--file', '/nowhere.sql']]) {
      const { status, stderr } = hzstat(['--url', server.url, ...args]);
      expect(status, args.join(' ')).toBe(2);
      expect(stderr).toMatch(/^hzstat: [^\n]+\n$/);
    }
  });
});

test('NDJSON has every row, the same from a server and from a directory, and ends in the middle with exit code 1', () => {
  const whole = hzstat(['--url', server.url, '--format', 'ndjson', MANY]);
  expect(whole).toMatchObject({ status: 0, stderr: '' });
  const lines = whole.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(30_000);
  expect(JSON.parse(lines[29_999]!)).toEqual({ i: 29_999, half: 14_999.5 });
  expect(hzstat(['--data-dir', dataDir, '--format', 'ndjson', MANY]).stdout).toBe(whole.stdout);
  const failing = `SELECT CASE WHEN i = 399999 THEN error('no more') ELSE i END AS i FROM range(400000) t(i)`;
  const cut = hzstat(['--url', server.url, '--format', 'ndjson', failing]);
  expect(cut.status).toBe(1);
  expect(cut.stderr).toMatch(/what has come is not all\n$/);
});

test('columns of the same name are told apart', () => {
  const { stdout } = hzstat(['--url', server.url, '--format', 'ndjson', 'SELECT 1 AS a, 2 AS a']);
  expect(Object.values(JSON.parse(stdout))).toEqual([1, 2]);
});

test.each(['ndjson', 'csv'])(
  'a reader that has seen enough ends %s quietly and leaves nothing behind',
  async (format) => {
    for (const source of [`--url ${server.url}`, `--data-dir ${dataDir}`]) {
      const { status, stdout, stderr } = shell(
        `$Q ${source} --format ${format} - <<< "$SQL" | head -n 2 | wc -l`,
        {
          SQL: ENDLESS,
        },
      );
      expect({ status, stdout: stdout.trim(), stderr }).toEqual({ status: 0, stdout: '2', stderr: '' });
    }
    expect(await leftovers()).toEqual([]);
  },
);

test('a full disk is named, costs exit code 1 and leaves nothing behind', async () => {
  for (const source of [`--url ${server.url}`, `--data-dir ${dataDir}`]) {
    for (const format of ['ndjson', 'json', 'table']) {
      const { status, stderr } = shell(`$Q ${source} --format ${format} 'SELECT 1' > /dev/full`);
      expect(status, format).toBe(1);
      expect(stderr).toMatch(/^hzstat: standard output cannot be written: ENOSPC/m);
    }
  }
  expect(await leftovers()).toEqual([]);
});

test('a signal ends it and leaves nothing behind', async () => {
  const child = spawn(
    process.execPath,
    [MAIN, 'query', '--data-dir', dataDir, '--format', 'ndjson', ENDLESS],
    {
      env: { ...process.env, TMPDIR: scratch },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(child.stdout, 'readable');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(143);
  expect(await leftovers()).toEqual([]);
});
