import { kernelText } from '../parse/kernel_text.ts';

/** What /proc/PID/stat says of a process, all its threads together; times in jiffies. */
export interface ProcessStat {
  /** The first 15 bytes of its program's name, or what it calls itself. */
  readonly name: string;
  readonly parent: number;
  readonly majorFaults: number;
  readonly runJiffies: number;
  /** Of its children that have ended and been waited for, and theirs. */
  readonly childrenJiffies: number;
  readonly threads: number;
  /** Since boot. */
  readonly startedJiffies: number;
}

const OPEN = 0x28;
const CLOSE = 0x29;
/** Fields behind the name, from the state on (field 3 of proc_pid_stat(5)). */
const PARENT = 1;
const MAJOR_FAULTS = 9;
const USER = 11;
const SYSTEM = 12;
const CHILDREN_USER = 13;
const CHILDREN_SYSTEM = 14;
const THREADS = 17;
const STARTED = 19;

/** Undefined for what is no such line: a process that ended in the middle, a file of something else. */
export function parseProcessStat(bytes: Uint8Array, length: number): ProcessStat | undefined {
  const open = bytes.indexOf(OPEN);
  // A name may hold brackets and blanks: the last bracket ends it.
  const close = bytes.subarray(0, length).lastIndexOf(CLOSE);
  if (open === -1 || close < open) return undefined;
  const fields = Buffer.from(bytes.buffer, bytes.byteOffset + close + 2, Math.max(0, length - close - 2))
    .toString('latin1')
    .split(' ');
  const field = (index: number): number => Number(fields[index] ?? Number.NaN);
  const stat = {
    name: kernelText(bytes.subarray(open + 1, close)),
    parent: field(PARENT),
    majorFaults: field(MAJOR_FAULTS),
    runJiffies: field(USER) + field(SYSTEM),
    childrenJiffies: field(CHILDREN_USER) + field(CHILDREN_SYSTEM),
    threads: field(THREADS),
    startedJiffies: field(STARTED),
  };
  const isWhole = Number.isFinite(stat.runJiffies) && Number.isFinite(stat.startedJiffies);
  return isWhole ? stat : undefined;
}
