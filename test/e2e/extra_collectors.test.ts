import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COLLECTOR_NAMES, DEFAULT_COLLECTORS } from '../../src/model/collectors.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { MachineCopy } from '../support/machine.ts';
import { MAIN, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

function snapshotOf(...args: string[]): Snapshot {
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, 'snapshot', ...args], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const snapshot: Snapshot = JSON.parse(stdout);
  return snapshot;
}

const withoutPsi = skipUnless('PSI', existsSync('/proc/pressure/cpu'));

test.each([
  ['default', DEFAULT_COLLECTORS],
  ['all', COLLECTOR_NAMES],
  ['default,pressure', [...DEFAULT_COLLECTORS, 'pressure']],
  ['interrupts, cpu', ['cpu', 'interrupts']],
])('--collectors %s', (text, names) => {
  const { sampling } = snapshotOf('--collectors', text);
  expect(Object.keys(sampling.collectors)).toEqual(names);
});

test.skipIf(withoutPsi)('one snapshot of pressure and interrupts has every rate', () => {
  const { pressure, interrupts } = snapshotOf('--collectors', 'pressure,interrupts');
  for (const resource of ['cpu', 'memory', 'io'] as const) {
    expect(pressure?.[resource]?.some_percent, resource).toBeTypeOf('number');
    expect(pressure?.[resource]?.some_total_us, resource).toBeTypeOf('number');
  }
  for (const field of ['context_switches', 'interrupts', 'soft_interrupts', 'forks'] as const) {
    expect(interrupts?.[field], field).toBeTypeOf('number');
    expect(interrupts?.[`${field}_per_sec`], field).toBeTypeOf('number');
  }
  expect(interrupts?.softirqs.timer?.handled_per_sec).toBeTypeOf('number');
});

test('on a host without PSI the others go on, and the reason and the remedy are told', () => {
  const copy = new MachineCopy('old-kernel');
  const args = ['--rootfs', copy.rootfs, '--collectors', 'pressure,interrupts'];
  const { interrupts, sampling } = snapshotOf(...args);
  const doctor = spawnSync(process.execPath, [MAIN, 'doctor', '--json', '--rootfs', copy.rootfs], {
    encoding: 'utf8',
  });
  copy.dispose();
  expect(interrupts?.context_switches).toBe(444_555);
  expect(sampling.collectors.pressure).toMatchObject({ state: 'failed', code: 'SOURCE_MISSING' });
  const findings: unknown[] = JSON.parse(doctor.stdout);
  expect(findings).toContainEqual(
    expect.objectContaining({
      subject: 'pressure',
      state: 'missing',
      detail: expect.stringContaining('psi=1'),
    }),
  );
  expect(findings).toContainEqual(expect.objectContaining({ subject: 'interrupts', state: 'ok' }));
});

test.skipIf(withoutPsi)('both are recorded, by resource and by kind, with rollups', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-extra-'));
  const server = await TestServer.start([
    '--data-dir',
    dataDir,
    '--collectors',
    'pressure,interrupts',
    '--interval',
    '20ms',
  ]);
  const client = server.connect();
  await client.take(30);
  const ask = async (sql: string): Promise<unknown> =>
    Reflect.get(await server.json('/query', { method: 'POST', body: sql }), 'rows');
  expect(
    await ask("SELECT DISTINCT resource FROM pressure WHERE resource <> 'irq' ORDER BY resource"),
  ).toEqual([['cpu'], ['io'], ['memory']]);
  expect(
    await ask(
      "SELECT sum(samples) > 20, max(some_total_us_last) > 0 FROM pressure_1s WHERE resource = 'cpu'",
    ),
  ).toEqual([[true, true]]);
  expect(
    await ask('SELECT max(context_switches_last) > 0, max(forks_per_sec_max) >= 0 FROM interrupts_1m'),
  ).toEqual([[true, true]]);
  expect(await ask('SELECT count(DISTINCT kind) FROM interrupts_softirq')).toEqual([[10]]);
  const thinned = server.connect('?interval=200ms&collectors=pressure');
  await thinned.until(() =>
    thinned.snapshots.some(({ pressure }) => pressure?.cpu?.some_percent !== undefined),
  );
  client.close();
  thinned.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
