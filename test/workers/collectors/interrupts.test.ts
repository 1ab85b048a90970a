import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { InterruptsCollector } from '../../../workers/collectors/interrupts.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';
import { psutil, withoutPsutil } from '../../support/psutil.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function on(copy: MachineCopy): { collector: InterruptsCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new InterruptsCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

test.each(MACHINES)('counters and rates on %s', (machine) => {
  const { later_after_ms, interrupts: expected } = expectedOf(machine);
  const copy = new MachineCopy(machine);
  const { collector, clock } = on(copy);
  expect(collector.collect().context_switches_per_sec).toBeUndefined();
  copy.later();
  clock.advanceMs(later_after_ms);
  const data = collector.collect();
  expect(data).toMatchObject({
    context_switches: expected.context_switches_later,
    interrupts: expected.interrupts_later,
    forks: expected.forks_later,
    soft_interrupts: expected.soft_interrupts_later,
    tasks_running: expected.tasks_running_later,
    tasks_blocked: expected.tasks_blocked_later,
  });
  expect(data.context_switches_per_sec).toBeCloseTo(expected.context_switches_per_sec, 3);
  expect(data.interrupts_per_sec).toBeCloseTo(expected.interrupts_per_sec, 3);
  expect(data.forks_per_sec).toBeCloseTo(expected.forks_per_sec, 3);
  const kinds = expected.softirqs_per_sec ?? {};
  expect(Object.keys(data.softirqs)).toEqual(Object.keys(kinds));
  let sum = 0;
  for (const [kind, perSec] of Object.entries(kinds)) {
    expect(data.softirqs[kind]!.handled_per_sec, kind).toBeCloseTo(perSec, 3);
    sum += perSec;
  }
  if (expected.softirqs_per_sec === null) expect(data.soft_interrupts_per_sec).toBeUndefined();
  else expect(data.soft_interrupts_per_sec).toBeCloseTo(sum, 3);
});

describe('interrupts', () => {
  const stat = (softirq: string, ctxt = 100): string =>
    `cpu  1 2 3 4\nintr 50 1 2 3\nctxt ${ctxt}\nbtime 1\nprocesses 7\nprocs_running 2\nprocs_blocked 1\n${softirq}`;

  test('a kind whose 32 bits wrap keeps its rate, and so does their total', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    copy.write('proc/stat', stat('softirq 4294967290 0 4294967290 0 0 0 0 0 0 0 0\n'));
    collector.collect();
    copy.write('proc/stat', stat('softirq 44 0 14 30 0 0 0 0 0 0 0\n'));
    clock.advanceMs(1_000);
    const data = collector.collect();
    expect(data.softirqs.timer!.handled_per_sec).toBeCloseTo(20, 6);
    expect(data.soft_interrupts_per_sec).toBeCloseTo(50, 6);
  });

  test('counters that start again make no rates in that sample', () => {
    const copy = new MachineCopy('server-128');
    const { collector, clock } = on(copy);
    collector.collect();
    copy.write('proc/stat', stat('softirq 9 0 9 0 0 0 0 0 0 0 0\n'));
    clock.advanceMs(100);
    const data = collector.collect();
    expect(data).toMatchObject({ context_switches: 100, softirqs: { timer: { handled: 9 } } });
    expect(data.context_switches_per_sec).toBeUndefined();
    expect(data.softirqs.timer!.handled_per_sec).toBeUndefined();
    clock.advanceMs(100);
    expect(collector.collect()).toMatchObject({ context_switches_per_sec: 0, soft_interrupts_per_sec: 0 });
  });

  test('other kinds than the ten are named by the table that names them', () => {
    const copy = new MachineCopy('small-vm');
    const { collector } = on(copy);
    copy.write(
      'proc/softirqs',
      '                    CPU0\n          HI:          1\n      URGENT:          2\n',
    );
    copy.write('proc/stat', stat('softirq 3 1 2\n'));
    expect(collector.collect().softirqs).toMatchObject({ hi: { handled: 1 }, urgent: { handled: 2 } });
  });

  test('kinds nobody can name are in the total only', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = on(copy);
    copy.remove('proc/softirqs');
    copy.write('proc/stat', stat('softirq 3 1 2\n'));
    expect(collector.collect()).toMatchObject({ soft_interrupts: 3, softirqs: {} });
    copy.write('proc/stat', stat('softirq 13 6 7\n'));
    clock.advanceMs(1_000);
    expect(collector.collect()).toMatchObject({ soft_interrupts_per_sec: 10, softirqs: {} });
  });

  test.each([
    ['intr', 'cpu  1 2 3 4\nctxt 5\nprocesses 7\n'],
    ['ctxt', 'cpu  1 2 3 4\nintr 50 1\nprocesses 7\n'],
    ['processes', 'cpu  1 2 3 4\nintr 50 1\nctxt 5\n'],
    ['a number', 'cpu  1 2 3 4\nintr x\nctxt 5\nprocesses 7\n'],
  ])('without %s there is no answer', (_what, content) => {
    const copy = new MachineCopy('small-vm');
    const { collector } = on(copy);
    copy.write('proc/stat', content);
    expect(collector.safeCollect()).toMatchObject({ state: 'failed', code: 'SOURCE_MALFORMED' });
  });

  test('counts the processes that were started between two readings', () => {
    const real = new InterruptsCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => real.close());
    const before = real.collect().forks;
    execFileSync('sh', ['-c', 'for i in $(seq 100); do (:) ; done']);
    const { forks, forks_per_sec, context_switches_per_sec, tasks_running } = real.collect();
    expect(forks - before).toBeGreaterThanOrEqual(100);
    // Over the same time each process had to be switched to at least once.
    expect(context_switches_per_sec).toBeGreaterThanOrEqual(forks_per_sec! * (100 / (forks - before)));
    expect(tasks_running).toBeGreaterThanOrEqual(1);
  });

  test.skipIf(withoutPsutil)('tells the same as psutil', () => {
    interface Theirs {
      ctx_switches: number;
      interrupts: number;
      soft_interrupts: number;
    }
    const real = new InterruptsCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => real.close());
    const before = psutil<Theirs>('psutil.cpu_stats()._asdict()');
    const ours = real.collect();
    const after = psutil<Theirs>('psutil.cpu_stats()._asdict()');
    expect(ours.context_switches).toBeGreaterThan(before.ctx_switches);
    expect(ours.context_switches).toBeLessThan(after.ctx_switches);
    expect(ours.interrupts).toBeGreaterThan(before.interrupts);
    expect(ours.interrupts).toBeLessThan(after.interrupts);
    expect(ours.soft_interrupts).toBeGreaterThanOrEqual(before.soft_interrupts);
    expect(ours.soft_interrupts).toBeLessThanOrEqual(after.soft_interrupts);
  });
});
