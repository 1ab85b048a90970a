import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MachineCopy } from '../support/machine.ts';
import { MAIN, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const withoutFaketime = skipUnless('libfaketime', spawnSync('test', ['-e', FAKETIME]).status === 0);

const directory = mkdtempSync(join(tmpdir(), 'hzstat-clock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A directory with a chronyc that says the clock is so many seconds slow. */
function chronyc(name: string, slowSeconds: number): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  const line = `A9FEA97B,10.0.0.1,3,1764294000.1,${slowSeconds.toFixed(9)},0.0,0.0,0.0,0.0,0.0,0.001,0.0005,64.0,Normal`;
  writeFileSync(join(folder, 'chronyc'), `#!/bin/sh\n[ "$*" = "-c tracking" ] && echo ${line}\n`);
  chmodSync(join(folder, 'chronyc'), 0o755);
  return folder;
}

const pathWith = (folder: string): string => `${folder}:${process.env.PATH}`;

/** Starts a server and waits until it knows of its clock. */
async function serve(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<TestServer> {
  const server = await TestServer.start(['--collectors', 'memory', ...args], environment);
  const client = server.connect();
  await client.until(() => client.snapshots.at(-1)?.sampling.clock !== undefined);
  client.close();
  return server;
}

test('what chrony says is in the stream, in /metrics, in SQL and in doctor', {
  timeout: 60_000,
}, async () => {
  const PATH = pathWith(chronyc('ahead', -0.0123));
  const server = await serve(['--data-dir', join(directory, 'data')], { PATH });
  const snapshot = await server.json('/snapshot');
  const metrics = await (await server.fetch('/metrics')).text();
  const sql =
    'SELECT clock_source, clock_offset_ms, clock_uncertainty_ms, clock_synchronised FROM sampling WHERE clock_source IS NOT NULL LIMIT 1';
  const answer = await server.json('/query', { method: 'POST', body: sql });
  await server.stop();
  expect(snapshot.sampling).toMatchObject({
    clock: { source: 'chrony', offset_ms: 12.3, uncertainty_ms: 1, synchronised: true },
  });
  expect(metrics).toContain('\nhzstat_clock_offset_seconds 0.0123\n');
  expect(metrics).toContain('\nhzstat_clock_synchronised 1\n');
  expect(answer.rows).toEqual([['chrony', 12.3, 1, 1]]);
  const { stdout } = spawnSync(process.execPath, [MAIN, 'doctor', '--json'], {
    encoding: 'utf8',
    env: { ...process.env, PATH, HZSTAT_CONFIG: '/dev/null' },
  });
  expect(stdout).toContain('chrony says it is 12.3 ms ahead, give or take 1 ms');
});

test('where nobody keeps the clock, it is null, and why is said', { timeout: 60_000 }, async () => {
  const folder = join(directory, 'nobody');
  mkdirSync(folder, { recursive: true });
  const server = await serve([], { PATH: folder });
  const { sampling } = (await server.json('/snapshot')) as { sampling: object };
  await server.stop();
  expect(sampling).toMatchObject({
    clock: null,
    clock_message: expect.stringContaining('chronyc: not installed'),
  });
});

test.skipIf(withoutFaketime)(
  'two hosts whose clocks differ by 300 ms are lined up by the column',
  {
    timeout: 90_000,
  },
  async () => {
    const machine = new MachineCopy('small-vm');
    const start = (name: string, environment: NodeJS.ProcessEnv, slowSeconds: number) =>
      serve(['--rootfs', machine.rootfs, '--data-dir', join(directory, name), '--label', `host=${name}`], {
        PATH: pathWith(chronyc(name, slowSeconds)),
        ...environment,
      });
    const right = await start('right', {}, 0);
    const fast = await start(
      'fast',
      { LD_PRELOAD: FAKETIME, FAKETIME: '+0.3', DONT_FAKE_MONOTONIC: '1' },
      -0.3,
    );
    // Both see the same file change at the same time.
    const meminfo = machine.read('proc/meminfo');
    machine.write('proc/meminfo', meminfo.replace(/MemAvailable: +\d+/, 'MemAvailable: 1024'));
    const clients = [right, fast].map((server) => server.connect());
    for (const client of clients)
      await client.until(() => (client.snapshots.at(-1)?.memory?.percent ?? 0) > 90);
    for (const client of clients) client.close();
    await right.stop();
    await fast.stop();
    machine.dispose();

    /** When the memory of a host was full first, by its own clock and by true time, in milliseconds. */
    const firstFull = (name: string): { own: number; lined: number } => {
      const sql = `SELECT epoch_us(min(timestamp)) / 1000 AS own,
        min(epoch_us(timestamp) / 1000 - clock_offset_ms) AS lined
      FROM memory JOIN sampling USING (timestamp) WHERE percent > 90`;
      const text = execFileSync(
        process.execPath,
        [MAIN, 'query', '--data-dir', join(directory, name), '--format', 'csv', sql],
        { encoding: 'utf8', env: { ...process.env, HZSTAT_CONFIG: '/dev/null' } },
      );
      const [own = Number.NaN, lined = Number.NaN] = text.trim().split('\n')[1]!.split(',').map(Number);
      return { own, lined };
    };
    const [ofRight, ofFast] = [firstFull('right'), firstFull('fast')];
    // Ticks are a tenth of a second apart, and one may be missed on a busy machine.
    expect(Math.abs(ofFast.own - ofRight.own - 300)).toBeLessThan(250);
    expect(Math.abs(ofFast.lined - ofRight.lined)).toBeLessThan(250);
    expect(ofFast.own - ofFast.lined).toBeCloseTo(300, 3);
  },
);
