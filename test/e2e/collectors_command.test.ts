import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN, type TestClient, TestServer } from '../support/server.ts';

const OWN = `export default class Own {
  name = 'own';
  collect() {
    return { value: 7 };
  }
}`;

let directory: string;
let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hzstat-collectors-'));
  const own = join(directory, 'own.mjs');
  writeFileSync(own, OWN);
  const data = ['--data-dir', join(directory, 'data')];
  server = await TestServer.start([...data, '--collectors', 'cpu,memory', '--collector', own]);
  client = server.connect();
  await client.take(3);
});
afterAll(async () => {
  client.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Not waited for in one piece: connections to the server would be found closed afterwards. */
function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, 'collectors', ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const hzstat = (...args: string[]): Promise<Ended> => run('--url', server.url, ...args);

async function states(): Promise<Record<string, string>> {
  const listed: { name: string; state: string }[] = JSON.parse((await hzstat('--format', 'json')).stdout);
  return Object.fromEntries(listed.map(({ name, state }) => [name, state]));
}

const ask = async (sql: string): Promise<unknown> =>
  Reflect.get(await server.json('/query', { method: 'POST', body: sql }), 'rows');

function patch(path: string, enabled: boolean): Promise<Response> {
  return server.fetch(path, { method: 'PATCH', body: JSON.stringify({ enabled }) });
}

test('all are listed with their state, those that were not started too', async () => {
  expect(await states()).toMatchObject({ cpu: 'ok', memory: 'ok', own: 'ok', interrupts: 'not_started' });
  const { status, stdout } = await hzstat();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^cpu +ok$/m);
  expect(stdout).toMatch(/^interrupts +not started$/m);
});

test('one that was not started starts, and is in the stream, in history and in the metrics', async () => {
  const { status, stdout } = await hzstat('on', 'interrupts');
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^interrupts +ok$/m) });
  await client.until(() => client.snapshots.at(-1)?.interrupts?.interrupts_per_sec !== undefined);
  expect(client.snapshots.at(-1)?.sampling.collectors.interrupts).toMatchObject({ state: 'ok' });
  expect(await ask('SELECT count(interrupts) > 0 FROM interrupts')).toEqual([[true]]);
  expect(await ask('SELECT sum(samples) > 0 FROM interrupts_1s')).toEqual([[true]]);
  expect(await ask("SELECT count(*) > 0 FROM sampling_collector WHERE collector = 'interrupts'")).toEqual([
    [true],
  ]);
  expect(await (await server.fetch('/metrics')).text()).toMatch(/^hzstat_interrupts_total \d+$/m);
  expect(await server.json('/health')).toMatchObject({ status: 'ok', history: { lost_snapshots: 0 } });
  // Who comes later hears of it at once, and may choose it.
  const late = server.connect('?collectors=interrupts&format=json');
  const [hello] = await late.until((frames) => frames.length > 0);
  expect(hello).toMatchObject({ collectors: [{ name: 'interrupts', enabled: true }] });
  await late.until(() => late.snapshots.at(-1)?.interrupts?.interrupts !== undefined);
  late.close();
});

test('what was recorded before and after is caught up with', async () => {
  const since = server.connect('?since=1m');
  await since.until(() => since.snapshots.at(-1)?.interrupts !== undefined);
  const before = since.snapshots.filter(({ sampling }) => sampling.collectors.interrupts === undefined);
  expect(before.length).toBeGreaterThan(0);
  expect(before.at(-1)?.cpu).toBeDefined();
  since.close();
});

test('one goes off and on again, one of the own too', async () => {
  for (const name of ['own', 'memory', 'interrupts']) {
    expect((await hzstat('off', name)).stdout).toMatch(new RegExp(`^${name} +disabled$`, 'm'));
    expect(await states()).toMatchObject({ [name]: 'disabled', cpu: 'ok' });
    expect((await hzstat('on', name)).stdout).toMatch(new RegExp(`^${name} +ok$`, 'm'));
  }
});

test('several are switched with one command, or none where one is unknown', async () => {
  const unknown = await hzstat('off', 'cpu', 'memry');
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toBe(
    `hzstat: there is no collector "memry"; there are ${Object.keys(await states()).join(', ')}; the nearest is "memory"\n`,
  );
  expect(await states()).toMatchObject({ cpu: 'ok', memory: 'ok' });
  expect((await hzstat('off', 'cpu', 'memory')).status).toBe(0);
  expect(await states()).toMatchObject({ cpu: 'disabled', memory: 'disabled' });
  await hzstat('on', 'cpu', 'memory');
});

test('a switch without a name, or a word that is no switch, costs one line and exit code 2', async () => {
  for (const args of [['on'], ['cpu']]) {
    const { status, stderr } = await hzstat(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hzstat: [^\n]+\n$/);
  }
});

test('a server that is not there costs one line and exit code 1', async () => {
  const { status, stderr } = await run('-u', 'http://127.0.0.1:9');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^hzstat: no hzstat answers at [^\n]+\n$/);
});

test('switched off before it was started, it stays as it is', async () => {
  const answer = await patch('/collectors/perf_events', false);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ name: 'perf_events', enabled: false });
  expect(await server.json('/collectors')).toMatchObject({
    not_started: expect.arrayContaining(['perf_events']),
  });
});

test.each([
  '/collectors/%2Ftmp%2Fown.mjs',
  '/collectors//tmp/own.mjs',
  '/collectors/file:%2F%2F%2Ftmp%2Fown.mjs',
  '/collectors/__proto__',
])('no path and no code is taken: %s', async (path) => {
  expect((await patch(path, true)).status).toBe(404);
  expect(Object.keys(await states())).not.toContain('__proto__');
});
