import { readdirSync, readFileSync } from 'node:fs';
import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_US } from '../../src/base/units.ts';
import { descendantsOf, type ProcessStat, readProcessStat, TICK_US } from './process_stat.ts';

/** What one thread has used since it began. */
export interface ThreadUsage {
  /** By the scheduler's account, exact. */
  readonly runNs: number;
  /** Voluntary and involuntary. */
  readonly switches: number;
}

/** What a process has used since it began. */
export interface ProcessUsage {
  readonly stat: ProcessStat;
  readonly threads: ReadonlyMap<number, ThreadUsage>;
}

/** What a process and its descendants have used, at one moment. */
export interface TreeUsage {
  readonly atNs: number;
  readonly root: ProcessUsage;
  readonly descendants: ReadonlyMap<number, ProcessUsage>;
}

/** What a process used between two moments. */
export interface UsageBetween {
  readonly elapsedUs: number;
  /** All threads of the process itself. */
  readonly cpuUs: number;
  /** The same, split the way the kernel splits it: by what was found running at the timer interrupts. */
  readonly userUs: number;
  readonly systemUs: number;
  /** Processes it started, and theirs. */
  readonly childrenUs: number;
  /** Of its own threads. */
  readonly switches: number;
}

/** @throws Error when the process has ended */
export function readTreeUsage(pid: number): TreeUsage {
  const descendants = new Map<number, ProcessUsage>();
  for (const child of descendantsOf(pid)) {
    const usage = readProcessUsage(child);
    if (usage !== undefined) descendants.set(child, usage);
  }
  const root = readProcessUsage(pid);
  if (root === undefined) throw new Error(`process ${pid} has ended while it was being measured`);
  return { atNs: monotonicNs(), root, descendants };
}

export function usageBetween(before: TreeUsage, after: TreeUsage): UsageBetween {
  const cpuUs = cpuBetweenUs(before.root, after.root);
  const userTicks = after.root.stat.userTicks - before.root.stat.userTicks;
  const systemTicks = after.root.stat.systemTicks - before.root.stat.systemTicks;
  const userShare = userTicks + systemTicks === 0 ? 0.5 : userTicks / (userTicks + systemTicks);
  let childrenUs = (after.root.stat.reapedTicks - before.root.stat.reapedTicks) * TICK_US;
  for (const [pid, usage] of after.descendants) {
    const earlier = before.descendants.get(pid);
    childrenUs += cpuBetweenUs(earlier, usage);
    childrenUs += (usage.stat.reapedTicks - (earlier?.stat.reapedTicks ?? 0)) * TICK_US;
  }
  return {
    elapsedUs: (after.atNs - before.atNs) / NS_PER_US,
    cpuUs,
    userUs: cpuUs * userShare,
    systemUs: cpuUs * (1 - userShare),
    childrenUs,
    switches: sumBetween(before.root, after.root, ({ switches }) => switches),
  };
}

/** Exact for threads that live; of threads that have ended only the coarse total of the process knows. */
function cpuBetweenUs(before: ProcessUsage | undefined, after: ProcessUsage): number {
  const exactUs = sumBetween(before, after, ({ runNs }) => runNs) / NS_PER_US;
  const coarseUs = (ticksOf(after) - (before === undefined ? 0 : ticksOf(before))) * TICK_US - 2 * TICK_US;
  return Math.max(exactUs, coarseUs);
}

function ticksOf({ stat }: ProcessUsage): number {
  return stat.userTicks + stat.systemTicks;
}

function sumBetween(
  before: ProcessUsage | undefined,
  after: ProcessUsage,
  of: (thread: ThreadUsage) => number,
): number {
  let sum = 0;
  for (const [thread, usage] of after.threads) {
    const earlier = before?.threads.get(thread);
    sum += of(usage) - (earlier === undefined ? 0 : of(earlier));
  }
  return sum;
}

function readProcessUsage(pid: number): ProcessUsage | undefined {
  const stat = readProcessStat(pid);
  if (stat === undefined) return undefined;
  const threads = new Map<number, ThreadUsage>();
  try {
    for (const name of readdirSync(`/proc/${pid}/task`)) {
      const thread = readThreadUsage(`/proc/${pid}/task/${name}`);
      if (thread !== undefined) threads.set(Number(name), thread);
    }
  } catch {
    return undefined;
  }
  return { stat, threads };
}

function readThreadUsage(directory: string): ThreadUsage | undefined {
  try {
    const runNs = Number(readFileSync(`${directory}/schedstat`, 'latin1').split(' ', 1)[0]);
    const status = readFileSync(`${directory}/status`, 'latin1');
    return { runNs, switches: parseSwitches(status) };
  } catch {
    return undefined;
  }
}

/** Context switches of a thread, from its /proc/PID/task/TID/status. */
export function parseSwitches(status: string): number {
  let switches = 0;
  for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) switches += Number(count);
  return switches;
}
