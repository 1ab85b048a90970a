import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { PressureData } from '../../../src/model/snapshot.ts';
import { PressureCollector } from '../../../workers/collectors/pressure.ts';
import { sourceError } from '../../../workers/files/kernel_file.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';
import { skipUnless } from '../../support/skip.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function on(copy: MachineCopy): { collector: PressureCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new PressureCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

const RESOURCES = ['cpu', 'memory', 'io', 'irq'] as const satisfies readonly (keyof PressureData)[];
const WITH_PSI = MACHINES.filter((machine) => expectedOf(machine).pressure !== null);

test.each(WITH_PSI)('shares and totals on %s', (machine) => {
  const expected = expectedOf(machine);
  const copy = new MachineCopy(machine);
  const { collector, clock } = on(copy);
  const first = structuredClone(collector.collect());
  for (const resource of RESOURCES) {
    expect(first[resource]?.some_percent ?? undefined).toBeUndefined();
    expect(first[resource]?.full_percent ?? undefined).toBeUndefined();
  }
  copy.later();
  clock.advanceMs(expected.later_after_ms);
  const data = collector.collect();
  for (const resource of RESOURCES) {
    const rows = expected.pressure![resource];
    expect(resource in data, resource).toBe(rows !== undefined);
    if (rows === undefined) continue;
    for (const row of ['some', 'full'] as const) {
      const wanted = rows[row];
      const percent = data[resource]![`${row}_percent`];
      expect(data[resource]![`${row}_total_us`], `${resource} ${row}`).toBe(wanted?.total_us_later ?? null);
      if (wanted === undefined) expect(percent, `${resource} ${row}`).toBeNull();
      else expect(percent, `${resource} ${row}`).toBeCloseTo(wanted.percent, 5);
    }
  }
});

describe('pressure', () => {
  const row = (name: string, total: number): string =>
    `${name} avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;

  test('without PSI fails with what to do about it', () => {
    const { collector } = on(new MachineCopy('old-kernel'));
    const outcome = collector.safeCollect();
    expect(outcome).toMatchObject({ state: 'failed', code: 'SOURCE_MISSING' });
    expect(outcome.state === 'failed' && outcome.message).toMatch(/proc\/pressure\/cpu.*CONFIG_PSI.*psi=1/);
  });

  test('a file that may be opened but not read counts as missing', () => {
    const refused = Object.assign(new Error('read: operation not supported'), { code: 'ENOTSUP' });
    expect(sourceError('/proc/pressure/cpu', refused)).toMatchObject({ code: 'SOURCE_MISSING' });
  });

  test('an irq file that may be opened but not read costs nothing but irq', () => {
    const copy = new MachineCopy('server-128');
    const { collector } = on(copy);
    copy.remove('proc/pressure/irq');
    mkdirSync(join(copy.rootfs, 'proc/pressure/irq'));
    const data = collector.collect();
    expect(data).not.toHaveProperty('irq');
    expect(data.io!.some_total_us).toBe(77_000_000);
  });

  test('each share is over the time between its own reads, and never above 100', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    copy.write('proc/pressure/io', row('some', 1_000) + row('full', 500));
    collector.collect();
    copy.write('proc/pressure/io', row('some', 26_000) + row('full', 55_500));
    clock.advanceMs(50);
    expect(collector.collect().io).toMatchObject({ some_percent: 50, full_percent: 100 });
    expect(collector.sources).toBeUndefined();
  });

  test('a total that grew by more time than has passed makes no share, and is named', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    copy.write('proc/pressure/io', row('some', 1_000) + row('full', 500));
    collector.collect();
    copy.write('proc/pressure/io', row('some', 26_000) + row('full', 900_500));
    clock.advanceMs(50);
    const { io } = collector.collect();
    expect(io).toMatchObject({ some_percent: 50, some_total_us: 26_000, full_total_us: 900_500 });
    expect(io!.full_percent).toBeUndefined();
    expect(collector.sources?.io?.message).toMatch(/grew by 900ms within 50ms/);
    clock.advanceMs(50);
    expect(collector.collect().io!.full_percent).toBe(0);
    expect(collector.sources).toBeUndefined();
  });

  test('a total that starts again makes no share', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    copy.write('proc/pressure/memory', row('some', 9_000_000) + row('full', 10));
    collector.collect();
    copy.write('proc/pressure/memory', row('some', 3) + row('full', 10));
    clock.advanceMs(100);
    const { memory } = collector.collect();
    expect(memory!.some_percent).toBeUndefined();
    expect(memory).toMatchObject({ some_total_us: 3, full_percent: 0 });
  });

  test('no share is computed over a failure', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    collector.collect();
    const io = copy.read('proc/pressure/io');
    copy.write('proc/pressure/io', 'rubbish\n');
    clock.advanceMs(100);
    const without = collector.collect();
    expect(without).not.toHaveProperty('io');
    expect(without.cpu!.some_percent).toBe(0);
    expect(collector.sources).toMatchObject({
      io: { source: '/proc/pressure/io', message: expect.any(String) },
    });
    copy.write('proc/pressure/io', io);
    clock.advanceMs(100);
    const data = collector.collect();
    expect(data.cpu!.some_percent).toBe(0);
    expect(data.io!.some_percent).toBeUndefined();
    expect(collector.sources).toBeUndefined();
    clock.advanceMs(100);
    expect(collector.collect().io!.some_percent).toBe(0);
  });

  test('the row a kernel before 5.13 does not print for cpu is null', () => {
    const copy = new MachineCopy('small-vm');
    const { collector } = on(copy);
    copy.write('proc/pressure/cpu', row('some', 7));
    expect(collector.collect().cpu).toMatchObject({ some_total_us: 7, full_total_us: null });
  });

  test.skipIf(skipUnless('PSI', existsSync('/proc/pressure/cpu')))('tells what the kernel prints', () => {
    const total = (): number =>
      Number(/^some .*total=(\d+)$/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))![1]);
    const collector = new PressureCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => collector.close());
    const before = total();
    const { cpu } = collector.collect();
    expect(cpu!.some_total_us).toBeGreaterThanOrEqual(before);
    expect(cpu!.some_total_us).toBeLessThanOrEqual(total());
  });

  const withoutScheduleTimes = skipUnless(
    'PSI, taskset and schedstat',
    existsSync('/proc/pressure/cpu') &&
      existsSync('/proc/self/schedstat') &&
      spawnSync('taskset', ['--version']).status === 0,
  );
  test.skipIf(withoutScheduleTimes)('sees two processes fight for one CPU as long as they wait', async () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(status)![1]!;
    const hogs = [1, 2].map(() => spawn('taskset', ['-c', cpu, 'sh', '-c', 'while :; do :; done']));
    cleanups.push(() => {
      for (const hog of hogs) hog.kill('SIGKILL');
    });
    /** How long they have been ready to run and did not, by the scheduler's own account. */
    const waitedUs = (): number =>
      hogs.reduce((sum, { pid }) => {
        const [, delayNs = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
        return sum + Number(delayNs) / 1_000;
      }, 0);
    const collector = new PressureCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => collector.close());
    const waitedBefore = waitedUs();
    const stalledBefore = collector.collect().cpu!.some_total_us!;
    while (waitedUs() - waitedBefore < 300_000) await delay(20);
    const waited = waitedUs() - waitedBefore;
    const { cpu: claimed } = collector.collect();
    const stalled = claimed!.some_total_us! - stalledBefore;
    // The kernel weighs the CPUs by how busy each is, so one that is fought for counts for its share of them; and
    // where more fight for it than these two, both may wait at once.
    expect(stalled).toBeGreaterThan((0.9 * waited) / (2 * availableParallelism()));
    expect(claimed!.some_percent).toBeGreaterThan(0);
    expect(claimed!.some_percent).toBeLessThanOrEqual(100);
  });
});
