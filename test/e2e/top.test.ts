import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { bytes } from '../../src/top/figures/format.ts';
import { MAIN, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { TestTerminal, withoutTmux } from '../support/tmux.ts';

const NODE = process.execPath;
const LIVE = /^hzstat .* LIVE \d\d:\d\d:\d\d\.\d UTC$/m;

const withoutDefaultPort = skipUnless('port 4410 to itself', (await listenOnce(4410)) !== undefined);
const terminals: TestTerminal[] = [];

/** `hzstat top` in a terminal; what the shell says before and after it tells in what state it was left. */
function openTop(
  args: string,
  {
    width = 80,
    height = 24,
    environment = {},
  }: { width?: number; height?: number; environment?: Record<string, string> } = {},
): TestTerminal {
  const command = `echo before; "${NODE}" "${MAIN}" top ${args}; echo "ended with $?"; stty -a | tr ' ;' '\\n' | grep -x -e '-*icanon' -e '-*echo'`;
  const terminal = new TestTerminal(command, width, height, environment);
  terminals.push(terminal);
  return terminal;
}

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});

/** The screen and the keyboard as they were before, and how the command ended. */
async function expectLeftClean(terminal: TestTerminal, code: number): Promise<string> {
  const text = await terminal.until(/^-?icanon\n-?echo$/m);
  expect(text).toMatch(/^before$/m);
  expect(text).toMatch(new RegExp(`^ended with ${code}$`, 'm'));
  expect(text).toMatch(/^icanon\necho$/m);
  expect(text).not.toMatch(/^CPU|q quit/m);
  expect([terminal.flag('alternate_on'), terminal.flag('cursor_flag'), terminal.flag('wrap_flag')]).toEqual([
    '0',
    '1',
    '1',
  ]);
  return text;
}

/** The newest process with these arguments: the shell that started it has them on its command line too. */
function topProcess(args: string): number {
  return pidsOf('-n', '-f', `main\\.js top ${args}`).at(-1)!;
}

function pidsOf(...pattern: string[]): number[] {
  const { stdout } = spawnSync('pgrep', pattern, { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  return spawnSync('kill', ['-0', String(pid)]).status === 0;
}

describe.skipIf(withoutTmux)('hzstat top', () => {
  let server: TestServer;
  beforeAll(async () => {
    // On a busy machine a budget would change the interval in the midst of a test.
    server = await TestServer.start(['--collectors', 'all', '--budget', 'off']);
  });
  afterAll(() => server.stop());

  test('shows what the server says', async () => {
    const terminal = openTop(`--url ${server.url}`, { width: 200, height: 50 });
    await terminal.until(LIVE);
    const text = await terminal.until(
      /^CPU +usage +\d+\.\d % [\s\S]*[▁-█]{5}[\s\S]*^MEMORY +used +\d[\s\S]*missed \d+ ticks? {2}memory \d/m,
    );
    for (const title of ['CPU', 'MEMORY', 'NETWORK', 'DISK', 'PAGING', 'PERF', 'PRESSURE', 'IRQ', 'HZSTAT']) {
      expect(text).toMatch(new RegExp(`(^| )${title}!? `, 'm'));
    }
    const client = server.connect();
    await client.until(() => client.snapshots.some(({ memory }) => memory !== undefined));
    client.close();
    const { memory } = client.snapshots.find((snapshot) => snapshot.memory !== undefined)!;
    expect(text).toContain(`of ${bytes(memory!.total_bytes)}`);
    expect(text).toMatch(/missed \d+ ticks? {2}memory \d/);
  });

  test('shows the very figures of the stream', async () => {
    const client = server.connect();
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    terminal.press('p');
    const text = await terminal.until(/ PAUSED \d/);
    const shown = / PAUSED (\S+) UTC/.exec(text)?.[1];
    await client.until(() => client.snapshots.some(({ timestamp }) => timestamp.slice(11, 21) === shown));
    client.close();
    const snapshot = client.snapshots.find(({ timestamp }) => timestamp.slice(11, 21) === shown)!;
    const { cpu, memory } = snapshot;
    expect(text).toContain(`${cpu!.usage_percent.toFixed(1)} % `);
    expect(text).toContain(`${bytes(memory!.used_bytes)} of ${bytes(memory!.total_bytes)}`);
    const loads = [cpu!.load_avg_1m, cpu!.load_avg_5m, cpu!.load_avg_15m];
    expect(text).toContain(`load ${loads.map((load) => load!.toFixed(2)).join(' ')}`);
  });

  test('shows alone what is clicked, and all again', async () => {
    const terminal = openTop(`--url ${server.url}`, { width: 100, height: 40 });
    await terminal.until(LIVE);
    expect(terminal.flag('mouse_standard_flag')).toBe('1');
    await terminal.until(/ lo +in/);
    const rows = terminal.rows();
    const y = rows.findIndex((row) => / lo +in/.test(row));
    terminal.mouse('click', rows[y]!.indexOf('lo'), y);
    const alone = await terminal.until(/^NETWORK +interface lo {2}since boot in[\s\S]*only lo/m);
    expect(alone).not.toMatch(/^CPU/m);
    // Its title leads to the panel, and that to all.
    terminal.mouse('click', 2, 1);
    await terminal.until(/only NETWORK/);
    terminal.mouse('click', 2, 1);
    await terminal.until(/^CPU/m);
    const footer = terminal.rows().at(-1)!;
    terminal.mouse('click', footer.indexOf('? help'), 39);
    await terminal.until(/a click chooses what is there/);
    terminal.press('q');
    await expectLeftClean(terminal, 0);
    expect(terminal.flag('mouse_any_flag')).toBe('0');
  });

  test('goes through interfaces, disks and file systems by key', async () => {
    const terminal = openTop(`--url ${server.url}`, { width: 100, height: 40 });
    await terminal.until(LIVE);
    await terminal.until(/ lo +in/);
    terminal.press('i');
    await terminal.until(/^NETWORK +(wire|interface) \S+ {2}since boot/m);
    terminal.press('I');
    await terminal.until(/^CPU/m);
    terminal.press('I');
    await terminal.until(/^(DISK|CGROUPS) +(mounted at|whole disk|device|group) /m);
    terminal.press('Escape');
    await terminal.until(/^CPU/m);
    // Of one panel, only what that lists.
    for (let i = 0; i < 4; i++) terminal.press('Tab');
    await terminal.until(/only DISK/);
    terminal.press('i');
    await terminal.until(/^DISK +(mounted at|whole disk|device) /m);
    terminal.press('Escape');
    await terminal.until(/only DISK/);
  });

  test('goes back to the very figures of then, and returns to live', async () => {
    const terminal = openTop(`--url ${server.url}`, { width: 120, height: 40 });
    await terminal.until(LIVE);
    terminal.press('p');
    const paused = await terminal.until(/ PAUSED \d/);
    terminal.mouse('wheel_up', 50, 10);
    terminal.mouse('wheel_up', 50, 10);
    const text = await terminal.until(/ \d+\.\d s AGO \d\d:.*\n[\s\S]*kept: /);
    const timeOf = (screen: string): string => / (\d\d:\d\d:\d\d\.\d) UTC/.exec(screen)![1]!;
    const [from, to] = [paused, text].map((screen) => Date.parse(`2026-01-01T${timeOf(screen)}Z`));
    expect(from! - to!).toBeGreaterThanOrEqual(500);
    const client = server.connect('?since=1m');
    const isShown = ({ timestamp }: Snapshot): boolean => timestamp.slice(11, 21) === timeOf(text);
    await client.until(() => client.snapshots.some(isShown));
    client.close();
    const snapshot = client.snapshots.find(isShown)!;
    expect(text).toContain(`${snapshot.cpu!.usage_percent.toFixed(1)} % `);
    expect(text).toContain(`${bytes(snapshot.memory!.used_bytes)} of `);
    terminal.press('Home');
    await terminal.until(/ (\d+ min )?\d+(\.\d)? s AGO/);
    terminal.press('End');
    await terminal.until(LIVE);
    terminal.press('PageUp');
    await terminal.until(/ s AGO /);
    for (let i = 0; i < 30; i++) terminal.mouse('wheel_down', 50, 10);
    await terminal.until(LIVE);
  });

  test('goes back to what was before all that it has seen', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-top-'));
    const recording = await TestServer.start(['--data-dir', dataDir, '--collectors', 'cpu,memory']);
    try {
      const client = recording.connect();
      const [first] = await client.take(30);
      client.close();
      // So little is kept in memory that the rest has to come from history.
      const terminal = openTop(`--url ${recording.url}`, { width: 120, height: 40 });
      await terminal.until(LIVE);
      terminal.press('Home');
      const text = await terminal.until(/ s AGO (\S+) UTC/);
      const oldest = Date.parse(`2026-01-01T${/ AGO (\S+) UTC/.exec(text)![1]}Z`);
      const firstMs = Date.parse(`2026-01-01T${first!.timestamp.slice(11, 23)}Z`);
      expect(Math.abs(oldest - firstMs)).toBeLessThanOrEqual(1_000);
      terminal.press(',');
      await terminal.until(/nothing older is kept|there is more to go back to/);
      expect(terminal.rows()[0]).toMatch(/ s AGO /);
      terminal.press('End');
      await terminal.until(LIVE);
    } finally {
      await recording.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  test('shows what happened in the last minutes, and leads there', async () => {
    const watching = await TestServer.start([
      ...['--collectors', 'cpu,memory'],
      ...['--watch', 'memory-used: memory.percent > 0.001'],
    ]);
    try {
      const terminal = openTop(`--url ${watching.url}`, { width: 120, height: 40 });
      const text = await terminal.until(/^(INCIDENT| {8}) \d\d:\d\d:\d\d ! goes on memory-used {2}/m);
      expect(text).toMatch(/^CPU/m);
      const listed: unknown = await watching.json('/incidents');
      expect(listed).toMatchObject({
        incidents: expect.arrayContaining([expect.objectContaining({ watch: 'memory-used', ended: null })]),
      });
      terminal.mouse('click', 40, 1);
      await terminal.until(/ s AGO /);
      terminal.press('End');
      await terminal.until(LIVE);
      terminal.press('e');
      await terminal.until(/ s AGO /);
      terminal.press('e');
      await terminal.until(/no incident before this moment| s AGO /);
    } finally {
      await watching.stop();
    }
  });

  test('leaves the mouse to the terminal when asked', async () => {
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    terminal.press('m');
    await terminal.until(/mouse off: the terminal marks text/);
    expect(terminal.flag('mouse_any_flag')).toBe('0');
    terminal.press('m');
    await terminal.until(/mouse on/);
    expect(terminal.flag('mouse_any_flag')).toBe('1');
  });

  test('begins with what the server has seen before', async () => {
    const client = server.connect();
    await client.take(50);
    client.close();
    const begunMs = Date.now();
    const terminal = openTop(`--url ${server.url}`, { width: 140 });
    await terminal.until(LIVE);
    terminal.press('p');
    const text = await terminal.until(/ PAUSED \d/);
    const shown = / PAUSED (\S+) UTC/.exec(text)?.[1];
    const ownMs = Date.parse(`${new Date(begunMs).toISOString().slice(0, 10)}T${shown}Z`) - begunMs;
    const columns = /own cpu .*?% +([▁-█ ]+) peak/.exec(text)?.[1]?.length ?? 0;
    expect(columns * 100).toBeGreaterThan(ownMs + 2_000);
  });

  test('fits every size it is given, while it runs', async () => {
    const terminal = openTop(`--url ${server.url}`, { width: 100, height: 30 });
    await terminal.until(LIVE);
    for (const [width, height] of [
      [80, 24],
      [200, 50],
      [40, 10],
      [300, 90],
      [80, 24],
    ] as const) {
      terminal.resize(width, height);
      // A frame may come in pieces: to its last line.
      await terminal.until(new RegExp(`^(?=.{${width}}$)hzstat .*UTC$[\\s\\S]*(a column is|no room)`, 'm'));
      const rows = terminal.rows();
      expect(rows).toHaveLength(height);
      expect(rows.at(-1)).toMatch(/a column is|no room/);
      // Joined, a line that had wrapped would be longer than the terminal is wide.
      for (const row of terminal.rows('-J')) expect([...row].length).toBeLessThanOrEqual(width);
    }
  });

  test('obeys its keys', async () => {
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    terminal.press('?');
    await terminal.until(/every core as a bar/);
    terminal.press('?', '1', '1');
    await terminal.until(/\d+ cores +[▁-█x]/);
    terminal.press('w');
    await terminal.until(/a column is 1s/);
    terminal.press('Tab', 'Tab');
    await terminal.until(/^MEMORY[\s\S]*only MEMORY/m);
    terminal.press('Left', 'Left');
    await terminal.until(/^CPU[\s\S]*^HZSTAT/m);
  });

  test('pausing holds the picture while time goes on', async () => {
    const client = server.connect();
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    terminal.press('Space');
    await terminal.until(/PAUSED/);
    const held = terminal.rows();
    await client.take(client.snapshots.length + 15);
    expect(terminal.rows()).toEqual(held);
    terminal.press('Space');
    await terminal.until(LIVE);
    client.close();
  });

  test.each([['q'], ['C-c']])('%s leaves the terminal as it was, with exit code 0', async (key) => {
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    expect([terminal.flag('alternate_on'), terminal.flag('cursor_flag')]).toEqual(['1', '0']);
    terminal.press(key);
    await expectLeftClean(terminal, 0);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('so does %s', async (signal) => {
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    process.kill(topProcess(`--url ${server.url}`), signal);
    await expectLeftClean(terminal, 0);
  });

  test('so does a crash, which is there to be read afterwards', async () => {
    const crash = `data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('crashed'))})`;
    const terminal = openTop(`--url ${server.url}`, { environment: { NODE_OPTIONS: `--import=${crash}` } });
    await terminal.until(LIVE);
    process.kill(topProcess(`--url ${server.url}`), 'SIGUSR2');
    expect(await expectLeftClean(terminal, 1)).toMatch(/Error: crashed/);
  });

  test.each([
    ['itself', `"${NODE}" "${MAIN}"`],
    ['by a program that waits for it', `sh -c '"${NODE}" "${MAIN}" "$@"; exit $?' sh`],
  ])('started %s, Ctrl-Z gives the terminal back to the shell, fg goes on', async (_, command) => {
    const terminal = new TestTerminal(
      `set -m; ${command} top --url ${server.url}; echo stopped; read x; fg; echo "ended with $?"`,
      80,
      24,
    );
    terminals.push(terminal);
    await terminal.until(LIVE);
    terminal.press('C-z');
    await terminal.until(/^stopped$/m);
    expect(terminal.flag('cursor_flag')).toBe('1');
    terminal.press('Enter');
    await terminal.until(LIVE);
    terminal.press('q');
    await terminal.until(/^ended with 0$/m);
  });

  test('Ctrl-Z where no shell waits changes nothing', async () => {
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    const begun = clockOf(terminal);
    terminal.press('C-z');
    // Whatever became of it, two seconds later it is over; meanwhile there may be no clock to read.
    while (!(clockOf(terminal) >= begun + 2_000)) await delay(50);
    terminal.press('?');
    await terminal.until(/every core as a bar/);
    terminal.press('q');
    await expectLeftClean(terminal, 0);
  });

  test('colour only where it is wanted', async () => {
    const plain = openTop(`--url ${server.url}`, { environment: { NO_COLOR: '1' } });
    await plain.until(LIVE);
    expect(coloursOf(plain)).toEqual([]);
    const coloured = openTop(`--url ${server.url}`);
    await coloured.until(LIVE);
    expect(coloursOf(coloured)).not.toEqual([]);
  });
});

describe.skipIf(withoutTmux)('hzstat top and its server', () => {
  test('the server ends and comes back with another rate: both are said, and it goes on', async () => {
    // A port the kernel chose for a listener cannot be listened on again at once; one that was asked for can.
    const address = `127.0.0.1:${await freePort()}`;
    const first = await TestServer.start([
      '--collectors',
      'cpu,memory',
      '--budget',
      'off',
      '--listen',
      address,
    ]);
    const terminal = openTop(`--url ${first.url}`);
    await terminal.until(LIVE);
    await first.stop();
    await terminal.until(/CONNECTION LOST, next try in \d+ s/);
    const slower = [
      '--collectors',
      'cpu,memory',
      '--budget',
      'off',
      '--listen',
      address,
      '--interval',
      '200ms',
    ];
    const second = await TestServer.start(slower);
    expect(await terminal.until(/connected again/)).toMatch(LIVE);
    await terminal.until(/every 200ms .*LIVE/);
    terminal.press('q');
    await expectLeftClean(terminal, 0);
    await second.stop();
  });

  test('a server a hundred times faster than the eye is thinned out, not drawn faster', async () => {
    const server = await TestServer.start(['--collectors', 'cpu', '--interval', '1ms']);
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(/every 1ms .*LIVE/);
    expect(await terminal.until(/[▁-█]{5} peak/)).toMatch(/a column is 100ms/);
    terminal.press('q');
    await expectLeftClean(terminal, 0);
    await server.stop();
  });

  test('a server that is named and not there is exit code 1, before the screen is taken', async () => {
    const text = await expectLeftClean(openTop('--url 127.0.0.1:9'), 1);
    expect(text).toMatch(/no hzstat answers at http:\/\/127\.0\.0\.1:9/);
  });

  test('a server that says nothing any more is not shown as live', async () => {
    const server = await TestServer.start(['--collectors', 'memory']);
    const terminal = openTop(`--url ${server.url}`);
    await terminal.until(LIVE);
    server.process.kill('SIGSTOP');
    await terminal.until(/^hzstat .* SILENT for \d+ s /);
    server.process.kill('SIGCONT');
    await terminal.until(LIVE);
    await server.stop();
  });

  test('a server that asks for a token is shown to those who have it', async () => {
    const token = 'a-token-for-this-test-only';
    const server = await TestServer.start(['--collectors', 'memory'], { HZSTAT_TOKEN: token });
    const refused = await expectLeftClean(openTop(`--url ${server.url}`, { width: 200 }), 1);
    expect(refused).toMatch(/^hzstat: .*token/m);
    await openTop(`--url ${server.url}`, { environment: { HZSTAT_TOKEN: token } }).until(LIVE);
    await server.stop();
  });

  test('only the collectors that are asked for', async () => {
    const server = await TestServer.start(['--collectors', 'cpu,memory']);
    const terminal = openTop(`--url ${server.url} --collectors memory,disk`);
    expect(await terminal.until(LIVE)).toMatch(/^MEMORY/m);
    expect(terminal.rows().join('\n')).not.toMatch(/^(CPU|DISK)/m);
    await server.stop();
  });
});

describe.skipIf(withoutTmux)('hzstat top without a server', () => {
  test('samples the host it is pointed at, and leaves nothing running', async () => {
    const rootfs = join(import.meta.dirname, '../fixtures/server-128');
    const terminal = openTop(`--rootfs ${rootfs} --collectors memory,disk,perf_events`);
    const text = await terminal.until(/^MEMORY +used +43\.0 %[\s\S]*nvme0n1\* /m);
    expect(text).toMatch(/^hzstat \S+ \(sampled here\), every 100ms/);
    const children = pidsOf('-P', String(topProcess(`--rootfs ${rootfs}`)));
    terminal.press('q');
    await expectLeftClean(terminal, 0);
    for (const child of children) while (isAlive(child)) await delay(20);
  });

  test.skipIf(withoutDefaultPort)('samples this host when none runs', async () => {
    const terminal = openTop('');
    const text = await terminal.until(/^hzstat .*LIVE[\s\S]*^MEMORY +used +\d/m);
    expect(text).toContain('(sampled here)');
    await terminal.until(/^CPU +usage +\d+\.\d %/m);
    terminal.press('q');
    await expectLeftClean(terminal, 0);
  });
});

describe('where there is no terminal', () => {
  test('says so in one line that names stream, with exit code 2', () => {
    const { status, stdout, stderr } = spawnSync(NODE, [MAIN, 'top'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/hzstat stream/);
  });

  test.skipIf(withoutTmux)('nor one that cannot move its cursor', async () => {
    const terminal = openTop('', { width: 200, environment: { TERM: 'dumb' } });
    expect(await expectLeftClean(terminal, 2)).toMatch(/cannot move its cursor/);
  });
});

/** The time in the first line, in milliseconds of a day in 1970. */
function clockOf(terminal: TestTerminal): number {
  const clock = / (\d\d:\d\d:\d\d\.\d) UTC/.exec(terminal.rows()[0] ?? '')?.[1];
  return Date.parse(`1970-01-01T${clock}Z`);
}

/** The foreground colours asked for on a screen. */
function coloursOf(terminal: TestTerminal): string[] {
  const parameters = terminal
    .rows('-e')
    .join('')
    .split('\u001b[')
    .flatMap((sequence) => /^([\d;]+)m/.exec(sequence)?.[1]?.split(';') ?? []);
  return parameters.filter((parameter) => /^(3|9)[1-7]$/.test(parameter));
}

/** The port, if nobody listens on it; port 0 stands for any. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

async function freePort(): Promise<number> {
  return (await listenOnce(0))!;
}
