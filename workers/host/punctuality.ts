import type { HostFinding } from '../../src/base/host_finding.ts';
import { readInteger, readText } from '../files/slow_file.ts';

/** Of include/uapi/linux/sched.h. */
const SCHED_FIFO = 1;
const SCHED_RR = 2;
const CAP_SYS_NICE = 23n;
/** Fields of /proc/PID/stat behind the name in parentheses, which may hold blanks itself. */
const NICE = 16;
const RT_PRIORITY = 37;
const POLICY = 38;
/** What a process has unless somebody changed it. */
const USUAL_SLACK_NS = 50_000;
/** These are read without a system call. */
const FAST_CLOCKS = [
  'tsc',
  'kvm-clock',
  'hyperv_clocksource_tsc_page',
  'arch_sys_counter',
  'timebase',
  'tod',
];

/**
 * What bears on when the sampler wakes up: scheduling policy, CPU limit, affinity, timer slack and clock source.
 *
 * @param self the directory of a process, `/proc/self`
 * @param sys prefix of /sys
 */
export function punctuality(self: string, sys: string): HostFinding[] {
  return [
    scheduling(self),
    ...cpuLimit(self, sys),
    affinity(self, sys),
    timerSlack(self),
    clockSource(sys),
  ].filter((finding) => finding !== undefined);
}

function scheduling(self: string): HostFinding | undefined {
  const subject = 'scheduling';
  const stat = readText(`${self}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const policy = fields[POLICY];
  if (policy === SCHED_FIFO || policy === SCHED_RR) {
    const detail = `real-time, priority ${fields[RT_PRIORITY]}: ticks are on time on a busy machine, too`;
    return { subject, state: 'ok', detail };
  }
  const nice = fields[NICE] ?? 0;
  if (nice < 0) return { subject, state: 'ok', detail: `nice ${nice}: before others on a busy machine` };
  return {
    subject,
    state: 'limited',
    detail:
      'like any other process: on a machine whose cores are all busy some ticks are tens of milliseconds late',
    remedy: mayRaise(self)
      ? 'chrt --fifo 10 hzstat serve --no-history (queries of the history would inherit it), or nice -n -15 hzstat serve'
      : 'as a service: Nice=-15, or CPUSchedulingPolicy=fifo and CPUSchedulingPriority=10; or CAP_SYS_NICE',
  };
}

/** Whether this process may give itself a better place in the queue. */
function mayRaise(self: string): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText(`${self}/status`) ?? '')?.[1] ?? '0';
  if (((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) === 1n) return true;
  const priority = /^Max realtime priority\s+(\S+)/m.exec(readText(`${self}/limits`) ?? '')?.[1];
  return priority !== undefined && priority !== '0';
}

/** A group that has used up its time is not run at all until the next period. */
function cpuLimit(self: string, sys: string): HostFinding[] {
  const group = /^0::(\/.*)$/m.exec(readText(`${self}/cgroup`) ?? '')?.[1];
  if (group === undefined) return [];
  const limit = /^(\d+) (\d+)$/.exec(readText(`${sys}/fs/cgroup${group === '/' ? '' : group}/cpu.max`) ?? '');
  if (limit === null) return [];
  const percent = Math.round((100 * Number(limit[1])) / Number(limit[2]));
  const periodMs = Number(limit[2]) / 1_000;
  return [
    {
      subject: 'CPU limit',
      state: 'limited',
      detail: `${percent} % of a core in each ${periodMs} ms: whoever has used it up waits for the next`,
      remedy: 'raise cpu.max of the control group (CPUQuota= of a service, the CPU limit of a container)',
    },
  ];
}

function affinity(self: string, sys: string): HostFinding | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readText(`${self}/status`) ?? '')?.[1];
  if (allowed === undefined) return undefined;
  const isolated = readText(`${sys}/devices/system/cpu/isolated`) ?? '';
  const detail = `may run on CPUs ${allowed}`;
  return {
    subject: 'CPU affinity',
    state: 'ok',
    detail: isolated === '' ? detail : `${detail}; isolated: ${isolated}, where taskset can put it`,
  };
}

function timerSlack(self: string): HostFinding | undefined {
  const slackNs = readInteger(`${self}/timerslack_ns`);
  if (slackNs === undefined) return undefined;
  const finding: HostFinding = {
    subject: 'timer slack',
    state: slackNs > USUAL_SLACK_NS ? 'limited' : 'ok',
    // With a real-time policy there is none.
    detail: `${slackNs / 1_000} µs: timers may be so much late, so that several go off at once`,
  };
  if (slackNs <= USUAL_SLACK_NS) return finding;
  return {
    ...finding,
    remedy: 'TimerSlackNSec=50us of the service, or whatever raised it where it is started',
  };
}

function clockSource(sys: string): HostFinding | undefined {
  const name = readText(`${sys}/devices/system/clocksource/clocksource0/current_clocksource`);
  if (name === undefined) return undefined;
  if (FAST_CLOCKS.includes(name)) return { subject: 'clock source', state: 'ok', detail: name };
  return {
    subject: 'clock source',
    state: 'limited',
    detail: `${name}: every look at the clock is a system call, and may take microseconds`,
    remedy: 'boot with clocksource=tsc where the processor’s counter is reliable',
  };
}
