import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

/**
 * What stands behind the cpu rows of /proc/stat. Documentation/filesystems/proc.rst, 1.7:
 *
 *     intr 245859 0 0 1 (a number for every interrupt of the machine, thousands on a server)
 *     ctxt 515183
 *     btime 1795457949
 *     processes 5685
 *     procs_running 2
 *     procs_blocked 0
 *     softirq 128379 0 20625 6 8685 34374 0 2 39479 0 25208
 *
 * `softirq` (since 2.6.31) has its total first, then one column for each kind.
 */
export class StatActivity {
  interrupts = 0;
  contextSwitches = 0;
  /** Since boot; threads are counted, too. */
  forks = 0;
  /** Runnable tasks; NaN where the kernel does not tell. */
  running = Number.NaN;
  /** Tasks waiting for a disk; NaN where the kernel does not tell. */
  blocked = Number.NaN;
  /** All kinds together; NaN where the kernel does not tell. */
  softInterrupts = Number.NaN;
  /** By kind, in the kernel's order; the first `kindCount` are valid. */
  readonly kinds = new Float64Array(MOST_KINDS);
  kindCount = 0;
}

/** There are ten; more than these are not told apart. */
export const MOST_KINDS = 16;

const INTR = Buffer.from('\nintr ');
const CTXT = Buffer.from('ctxt ');
const PROCESSES = Buffer.from('processes ');
const RUNNING = Buffer.from('procs_running ');
const BLOCKED = Buffer.from('procs_blocked ');
const SOFTIRQ = Buffer.from('softirq ');
const NEWLINE = 10;

const cursor = new ByteCursor();
const single = new Float64Array(1);

/**
 * Jumps over the cpu rows and over what follows the total of `intr`, by native search.
 *
 * @throws HzstatError SOURCE_MALFORMED when the file is cut off or lacks interrupts, context switches or forks
 */
export function parseStatActivity(path: string, bytes: Buffer, length: number, out: StatActivity): void {
  requireWholeLines(path, bytes, length);
  out.running = Number.NaN;
  out.blocked = Number.NaN;
  out.softInterrupts = Number.NaN;
  out.kindCount = 0;
  const intr = bytes.indexOf(INTR);
  if (intr === -1 || intr + INTR.length > length) throw malformed(path, 'has no line intr');
  cursor.over(bytes, length);
  cursor.position = intr + INTR.length;
  out.interrupts = number();
  let contextSwitches = Number.NaN;
  let forks = Number.NaN;
  cursor.position = bytes.indexOf(NEWLINE, cursor.position) + 1;
  while (!cursor.atEnd) {
    if (cursor.take(CTXT)) contextSwitches = number();
    else if (cursor.take(PROCESSES)) forks = number();
    else if (cursor.take(RUNNING)) out.running = number();
    else if (cursor.take(BLOCKED)) out.blocked = number();
    else if (cursor.take(SOFTIRQ)) {
      out.softInterrupts = number();
      out.kindCount = cursor.columns(out.kinds, MOST_KINDS);
    }
    cursor.nextLine();
  }
  out.contextSwitches = contextSwitches;
  out.forks = forks;
  if (!Number.isFinite(out.interrupts + contextSwitches + forks)) {
    throw malformed(path, 'lacks a number in one of the lines intr, ctxt and processes');
  }
}

/** The next number of the line, or NaN. */
function number(): number {
  return cursor.columns(single, 1) === 1 ? single[0]! : Number.NaN;
}
