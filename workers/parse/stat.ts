import { ByteCursor } from './byte_cursor.ts';
import { malformed, requireWholeLines } from './malformed.ts';

/**
 * The cpu rows of /proc/stat, in jiffies (USER_HZ) since boot. Documentation/filesystems/proc.rst, 1.7:
 *
 *     cpu  1623 0 944 77280 241 0 21 8 0 0
 *     cpu0 575 0 303 39167 4 0 5 1 0 0
 *
 * Columns: user nice system idle iowait irq softirq steal guest guest_nice; the last six are missing on old
 * kernels. Guest time is contained in user, guest_nice in nice. Offline CPUs have no row.
 */
export const COLUMNS = 10;
export const USER = 0;
export const NICE = 1;
export const SYSTEM = 2;
export const IDLE = 3;
export const IOWAIT = 4;
export const IRQ = 5;
export const SOFTIRQ = 6;
export const STEAL = 7;
/** The first eight columns add up to all time there is; the guest columns are contained in them. */
export const KINDS = 8;

const CPU = Buffer.from('cpu');
const RUNNING = Buffer.from('\nprocs_running ');
const SPACE = 32;
const NEWLINE = 10;
/** The seventh character of the line looked for, which tells it from the lines around it. */
const R = 114;
/** `softirq` has eleven numbers and `procs_blocked` one, of 20 digits at most. */
const LONGEST_END = 320;
const LARGEST_CPU_ID = 65_535;

/** One reading of the cpu rows; reused, so that reading again allocates nothing. */
export class CpuTimes {
  /** The `cpu` row: all CPUs together, including those that are offline now. */
  readonly total = new Float64Array(COLUMNS);
  coreCount = 0;
  /** Tasks that were running or waited for a core at the moment of the reading; not-a-number on old kernels. */
  running = Number.NaN;
  /** The ids of the online cores, in the order of the file. */
  coreIds = new Int32Array(8);
  /** COLUMNS numbers per core, in the same order. */
  cores = new Float64Array(8 * COLUMNS);

  addCore(id: number): number {
    if (this.coreCount === this.coreIds.length) this.#grow();
    this.coreIds[this.coreCount] = id;
    return this.coreCount++ * COLUMNS;
  }

  #grow(): void {
    const ids = new Int32Array(this.coreIds.length * 2);
    ids.set(this.coreIds);
    this.coreIds = ids;
    const cores = new Float64Array(ids.length * COLUMNS);
    cores.set(this.cores);
    this.cores = cores;
  }
}

const cursor = new ByteCursor();

/**
 * Reads the cpu rows, and the number of running tasks from the end: between them stands one line with a number for
 * every interrupt of the machine.
 *
 * @throws HzstatError SOURCE_MALFORMED when the file is cut off or has no `cpu` row
 */
export function parseStat(path: string, bytes: Uint8Array, length: number, out: CpuTimes): void {
  requireWholeLines(path, bytes, length);
  out.coreCount = 0;
  let sawTotal = false;
  cursor.over(bytes, length);
  while (cursor.take(CPU)) {
    if (bytes[cursor.position] === SPACE) {
      readRow(out.total, 0);
      sawTotal = true;
    } else {
      const id = cursor.digits();
      if (id <= LARGEST_CPU_ID && bytes[cursor.position] === SPACE) {
        const at = out.addCore(id);
        readRow(out.cores, at);
      }
    }
    cursor.nextLine();
  }
  out.running = running(bytes, length);
  if (!sawTotal) throw malformed(path, 'has no line for all CPUs together');
}

/** Before it come the interrupts, behind it only two short lines. */
function running(bytes: Uint8Array, length: number): number {
  for (let at = length - RUNNING.length; at >= 0 && at > length - LONGEST_END; at--) {
    if (bytes[at] !== NEWLINE || bytes[at + 7] !== R) continue;
    cursor.position = at;
    if (cursor.take(RUNNING)) return cursor.digits();
  }
  return Number.NaN;
}

function readRow(into: Float64Array, at: number): void {
  for (let column = 0; column < COLUMNS; column++) {
    into[at + column] = cursor.atLineEnd() ? 0 : cursor.integer();
  }
}
