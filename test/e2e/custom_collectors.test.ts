import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { MAIN, TestServer } from '../support/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'hzstat-custom-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a module and returns its path. */
function moduleOf(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

function hzstat(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

/** The example docs/collectors.md gives, as it stands there. */
function example(): string {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/collectors.md'), 'utf8');
  const [, source] = /```js\n((?:(?!```)[\s\S])*export default class OpenFiles[\s\S]*?)```/.exec(page) ?? [];
  if (source === undefined) throw new Error('docs/collectors.md has no example of a collector');
  return source;
}

describe('the documented example', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start([
      ...['--collectors', 'memory', '--collector', moduleOf('open_files.js', example())],
      ...['--data-dir', join(folder, 'history')],
    ]);
    const client = server.connect();
    await client.take(12);
    client.close();
  });
  afterAll(() => server.stop());

  test('has ten lines', () => {
    expect(example().trim().split('\n').length).toBeLessThanOrEqual(12);
  });

  test.each(['msgpack', 'json'])('stands in the stream under its name in %s', async (format) => {
    const client = server.connect(`?format=${format}&collectors=open_files`);
    const [snapshot] = await client.take(2);
    client.close();
    expect(snapshot).toMatchObject({
      open_files: { allocated: expect.any(Number), used_percent: expect.any(Number) },
      sampling: { collectors: { open_files: { state: 'ok', lateness_ms: expect.any(Number) } } },
    });
    expect(snapshot).not.toHaveProperty('memory');
    expect(client.frames[0]).toMatchObject({
      collectors: expect.arrayContaining([expect.objectContaining({ name: 'open_files', enabled: true })]),
    });
  });

  test('is followed by the stream command and told at the start', () => {
    const args = ['stream', '--url', server.url, '--count', '1', '--collectors', 'open_files'];
    expect(JSON.parse(hzstat(...args).stdout)).toMatchObject({ open_files: {} });
    expect(server.stderr).toContain('sampling memory, open_files 10 times a second');
  });

  test('is recorded, with rollups', async () => {
    const ask = async (sql: string): Promise<unknown> =>
      Reflect.get(await server.json('/query', { method: 'POST', body: sql }), 'rows');
    expect(
      await ask("SELECT DISTINCT field FROM custom WHERE collector = 'open_files' ORDER BY field"),
    ).toEqual([['allocated'], ['maximum'], ['used_percent']]);
    const rolled = "SELECT sum(samples) >= 10, min(value_min) > 0 FROM custom_1s WHERE field = 'allocated'";
    expect(await ask(rolled)).toEqual([[true, true]]);
  });

  test('is switched off and on like the rest', async () => {
    const client = server.connect();
    const patch = (enabled: boolean): Promise<Response> =>
      server.fetch('/collectors/open_files', { method: 'PATCH', body: JSON.stringify({ enabled }) });
    const state = (): unknown => client.snapshots.at(-1)?.sampling.collectors.open_files?.state;
    expect((await patch(false)).status).toBe(200);
    await client.until(() => state() === 'disabled');
    expect((await patch(true)).status).toBe(200);
    await client.until(() => state() === 'ok');
    client.close();
  });
});

describe('a module that cannot be used costs one line and exit code 2', () => {
  const good = (name: string): string =>
    `export default () => ({ name: '${name}', collect: () => ({ a: 1 }) });`;
  test.each([
    ['is not there', undefined, /no collector can be loaded from .*nowhere\.js/],
    ['does not parse', 'let let = 1', /cannot be loaded/],
    ['throws', "throw new Error('ouch')", /cannot be loaded: ouch/],
    ['exports nothing', 'export const a = 1;', /no default export/],
    ['exports a number', 'export default 5;', /no default export/],
    ['makes nothing', 'export default () => {};', /does not make an object/],
    [
      'cannot be made',
      "export default class { constructor() { throw new Error('no sensor'); } }",
      /no sensor/,
    ],
    ['has no name', 'export default () => ({ collect() {} });', /names its collector a undefined/],
    ['has a bad name', good('Open Files'), /"Open Files": a name is/],
    ['takes a field of the snapshot', good('sampling'), /names its collector "sampling"/],
    ['takes the place of the extremes', good('minimum'), /names its collector "minimum"/],
    ['takes a built-in name', good('cpu'), /cpu, as a built-in one is called/],
    ['has no collect', "export default () => ({ name: 'a' });", /without collect/],
    [
      'has a reset that is none',
      "export default () => ({ name: 'a', collect() {}, reset: 1 });",
      /reset is no function/,
    ],
    ['ends the process', 'process.exit(0);', /ended the process that loaded it/],
    ['never ends', 'for (;;);', /did not load within/],
  ])('because it %s', (_what, source, message) => {
    const path = source === undefined ? join(folder, 'nowhere.js') : moduleOf('bad.mjs', source);
    const { status, stdout, stderr } = hzstat('snapshot', '--collectors', 'memory', '--collector', path);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('because two have one name', () => {
    const paths = ['one.mjs', 'two.mjs'].map((file) => moduleOf(file, good('twin')));
    const { status, stderr } = hzstat('snapshot', ...paths.flatMap((path) => ['--collector', path]));
    expect(stderr).toMatch(/one\.mjs and .*two\.mjs both name their collector twin/);
    expect(status).toBe(2);
  });
});

describe('a module that misbehaves while it runs', () => {
  const after = (what: string): string =>
    `import { readFileSync } from 'node:fs';
     let n = 0;
     export default () => ({ name: NAME, collect() { if (++n > 20) { ${what} } return { n }; } });`;
  const sources: Readonly<Record<string, string>> = {
    throws: "throw new Error('the sensor is gone');",
    promises: 'return Promise.resolve({ n });',
    dates: 'return { n, at: new Date() };',
    exits: 'process.exit(1);',
    rejects: "Promise.reject(new Error('nobody looks')); ",
    loops: 'for (;;);',
    blocks: `readFileSync(${JSON.stringify(join(folder, 'fifo'))});`,
  };
  let server: TestServer;
  /** The same at the same time without any of them: what a busy machine costs is not theirs. */
  let control: TestServer;
  beforeAll(async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const modules = Object.entries(sources).map(([name, what]) =>
      moduleOf(`${name}.mjs`, after(what).replace('NAME', JSON.stringify(name))),
    );
    const args = ['--collectors', 'memory', '--interval', '50ms', '--budget', 'off'];
    server = await TestServer.start([...args, ...modules.flatMap((path) => ['--collector', path])]);
    control = await TestServer.start(args);
  });
  afterAll(() => control.stop());

  /** Of the ticks there were in the time of these snapshots, the share for which memory answered. */
  function shareOfMemory(snapshots: readonly Snapshot[]): number {
    const ticks = snapshots.at(-1)!.sampling.tick - snapshots[0]!.sampling.tick + 1;
    return snapshots.filter(({ memory }) => memory !== undefined).length / ticks;
  }

  test('fails with a code, and the others never notice', async () => {
    const client = server.connect();
    const undisturbed = control.connect();
    const wanted: readonly [string, string, RegExp][] = [
      ['throws', 'COLLECTOR_FAILED', /^the sensor is gone$/],
      ['promises', 'COLLECTOR_BAD_DATA', /promise/],
      ['dates', 'COLLECTOR_BAD_DATA', /^at is a Date/],
      ['exits', 'THREAD_DIED', /started again/],
      ['loops', 'COLLECTOR_STUCK', /its thread is ended/],
      ['blocks', 'COLLECTOR_STUCK', /its thread is ended/],
    ];
    for (const [name, code, message] of wanted) {
      await client.until(() => {
        const { collectors } = client.snapshots.at(-1)?.sampling ?? {};
        const state = collectors?.[name];
        return state?.state === 'failed' && state.code === code && message.test(state.message);
      });
    }
    // The one that loops was ended and lives again.
    const stuck = client.snapshots.length;
    await client.until(() =>
      client.snapshots.slice(stuck).some(({ sampling }) => sampling.collectors.loops?.state === 'ok'),
    );
    client.close();
    undisturbed.close();
    const { snapshots } = client;
    const first = snapshots[0]!.sequence;
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(snapshots.map((_, index) => first + index));
    expect(shareOfMemory(snapshots)).toBeGreaterThan(shareOfMemory(undisturbed.snapshots) - 0.15);
    for (const { sampling } of snapshots) expect(sampling.collectors.memory?.state).not.toBe('failed');
  });

  test('and does not keep the server from ending, not even when it hangs in the kernel', async () => {
    await server.stop();
    expect(server.process.signalCode).toBe('SIGTERM');
    expect(server.stderr).toContain('hangs in the kernel');
  });
});

test('what a module prints does not get into the output of a command', () => {
  const path = moduleOf(
    'chatty.mjs',
    "console.log('loaded'); export default () => ({ name: 'chatty', collect() { console.log('hi'); return { a: 1 }; } });",
  );
  const { stdout, status } = hzstat('snapshot', '--collectors', 'memory', '--collector', path);
  expect(JSON.parse(stdout)).toMatchObject({ chatty: { a: 1 } });
  expect(status).toBe(0);
});

test('a module that lives on events gets its event loop', () => {
  const path = moduleOf(
    'events.mjs',
    `export default class {
       name = 'events';
       waitsInEventLoop = true;
       ticks = 0;
       constructor() { this.timer = setInterval(() => this.ticks++, 5); }
       collect() { return this.ticks > 10 ? { ticks: this.ticks } : null; }
       close() { clearInterval(this.timer); }
     }`,
  );
  const { stdout } = hzstat('snapshot', '--collectors', 'memory', '--collector', path);
  expect(JSON.parse(stdout)).toMatchObject({ events: { ticks: expect.any(Number) } });
});
