import { spawnSync } from 'node:child_process';
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

function hzstat(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'collectors', '--url', server.url, ...args], {
    encoding: 'utf8',
  });
}

function states(): Record<string, string> {
  const listed: { name: string; state: string }[] = JSON.parse(hzstat('--format', 'json').stdout);
  return Object.fromEntries(listed.map(({ name, state }) => [name, state]));
}

const ask = async (sql: string): Promise<unknown> =>
  Reflect.get(await server.json('/query', { method: 'POST', body: sql }), 'rows');

function patch(path: string, enabled: boolean): Promise<Response> {
  return server.fetch(path, { method: 'PATCH', body: JSON.stringify({ enabled }) });
}

test('all are listed with their state, those that were not started too', () => {
  expect(states()).toMatchObject({ cpu: 'ok', memory: 'ok', own: 'ok', interrupts: 'not_started' });
  const { status, stdout } = hzstat();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^cpu +ok$/m);
  expect(stdout).toMatch(/^interrupts +not started$/m);
});

test('one that was not started starts, and is in the stream, in history and in the metrics', async () => {
  const { status, stdout } = hzstat('on', 'interrupts');
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
    expect(hzstat('off', name).stdout).toMatch(new RegExp(`^${name} +disabled$`, 'm'));
    expect(states()).toMatchObject({ [name]: 'disabled', cpu: 'ok' });
    expect(hzstat('on', name).stdout).toMatch(new RegExp(`^${name} +ok$`, 'm'));
  }
});

test('several are switched with one command, or none where one is unknown', () => {
  const unknown = hzstat('off', 'cpu', 'memry');
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toBe(
    `hzstat: there is no collector "memry"; there are ${Object.keys(states()).join(', ')}; the nearest is "memory"\n`,
  );
  expect(states()).toMatchObject({ cpu: 'ok', memory: 'ok' });
  expect(hzstat('off', 'cpu', 'memory').status).toBe(0);
  expect(states()).toMatchObject({ cpu: 'disabled', memory: 'disabled' });
  hzstat('on', 'cpu', 'memory');
});

test('a switch without a name, or a word that is no switch, costs one line and exit code 2', () => {
  for (const args of [['on'], ['cpu']]) {
    const { status, stderr } = hzstat(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hzstat: [^\n]+\n$/);
  }
});

test('a server that is not there costs one line and exit code 1', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'collectors', '-u', 'http://127.0.0.1:9'], {
    encoding: 'utf8',
  });
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
  expect(Object.keys(states())).not.toContain('__proto__');
});
