import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what the kernel counts CPU in for user space, on every architecture Node runs on. */
export const TICK_US = 10_000;

/** What /proc/PID/stat says of a process; times in clock ticks of 10 ms. */
export interface ProcessStat {
  readonly parent: number;
  /** Of all its threads, those that have ended among them. */
  readonly userTicks: number;
  readonly systemTicks: number;
  /** Of children that have ended and been waited for. */
  readonly reapedTicks: number;
}

/** Undefined when there is no such process (any more). */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The name, second of the fields, may itself contain spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? Number.NaN;
  return {
    parent: field(4),
    userTicks: field(14),
    systemTicks: field(15),
    reapedTicks: field(16) + field(17),
  };
}

/** All living descendants of a process, nearest first. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readProcessStat(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [...(children.get(pid) ?? [])];
  for (let i = 0; i < found.length; i++) found.push(...(children.get(found[i]!) ?? []));
  return found;
}

/** CPU of children of this process that have ended. */
export function reapedTicks(): number {
  return readProcessStat(process.pid)?.reapedTicks ?? Number.NaN;
}
