import { closeSync, constants, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { monotonicNs } from '../../src/base/clock.ts';
import { systemErrorCode } from '../../src/base/errors.ts';
import { namesIn, readText } from '../files/slow_file.ts';
import { kernelText } from '../parse/kernel_text.ts';
import { parseProcessIo } from './process_io.ts';
import { type ProcessStat, parseProcessStat } from './process_stat.ts';

/** The kernel shows CPU times to programs in hundredths of a second, whatever its own tick is. */
export const MS_PER_JIFFY = 10;
/** What the kernel keeps of a program's name. */
const MOST_NAME_BYTES = 15;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
const LONGEST_COMMAND = 4_096;

/** One process at one look. */
export interface ProcessReading extends ProcessStat {
  readonly pid: number;
  /** Undefined where they may not be read. */
  readonly readBytes: number | undefined;
  readonly writeBytes: number | undefined;
}

/** All processes at about one moment. */
export interface Scan {
  /** When it began. */
  readonly atNs: number;
  /** CPU time of all processes since boot, those included that are gone; NaN where it is not known. */
  readonly busyMs: number;
  readonly processes: ReadonlyMap<number, ProcessReading>;
}

/** What a process is called and where it belongs: read only of those that matter. */
export interface ProcessDetails {
  readonly command: string;
  readonly cgroup: string | null;
}

/** Looks at every process there is. */
export class ProcessScanner {
  readonly #proc: string;
  readonly #withArguments: boolean;
  readonly #buffer = Buffer.allocUnsafeSlow(8 * 1024);
  /** Processes whose I/O is nobody else's business, and when they started: asking again would be refused again. */
  readonly #private = new Map<number, number>();

  constructor(rootfs: string, withArguments: boolean) {
    this.#proc = `${rootfs}/proc`;
    this.#withArguments = withArguments;
  }

  scan(): Scan {
    const atNs = monotonicNs();
    const processes = new Map<number, ProcessReading>();
    const busyMs = this.#busyMs();
    for (const name of namesIn(this.#proc)) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const reading = this.#read(pid);
      if (reading !== undefined) processes.set(pid, reading);
    }
    for (const pid of this.#private.keys()) if (!processes.has(pid)) this.#private.delete(pid);
    return { atNs, busyMs, processes };
  }

  /** Of a process that still runs; undefined of one that is gone. */
  details({ pid, name }: ProcessReading): ProcessDetails | undefined {
    const directory = `${this.#proc}/${pid}`;
    const groups = readText(`${directory}/cgroup`);
    if (groups === undefined) return undefined;
    return { command: this.#commandOf(directory, name), cgroup: groupOf(groups) };
  }

  #read(pid: number): ProcessReading | undefined {
    const stat = this.#readFile(`${this.#proc}/${pid}/stat`, (length) =>
      parseProcessStat(this.#buffer, length),
    );
    if (stat === undefined) return undefined;
    const io = this.#private.get(pid) === stat.startedJiffies ? undefined : this.#readIo(pid, stat);
    return { ...stat, pid, readBytes: io?.readBytes, writeBytes: io?.writeBytes };
  }

  #readIo(pid: number, { startedJiffies }: ProcessStat) {
    return this.#readFile(
      `${this.#proc}/${pid}/io`,
      (length) => parseProcessIo(this.#buffer.toString('latin1', 0, length)),
      () => this.#private.set(pid, startedJiffies),
    );
  }

  #readFile<T>(path: string, parse: (length: number) => T, refused?: () => void): T | undefined {
    let fd: number | undefined;
    try {
      fd = openSync(path, OPEN_FLAGS);
      return parse(readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
    } catch (error) {
      // Gone meanwhile, or not for us.
      if (['EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')) refused?.();
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** From the first line of /proc/stat: what interrupts take is no process's. */
  #busyMs(): number {
    const line = this.#readFile(`${this.#proc}/stat`, (length) => this.#buffer.toString('latin1', 0, length));
    const [user, nice, system] =
      /^cpu +(\d+) (\d+) (\d+) /
        .exec(line ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    return (Number(user) + Number(nice) + Number(system)) * MS_PER_JIFFY;
  }

  /**
   * Arguments may hold secrets: the name of the program must do where nobody asked for more. The kernel cuts long
   * names; and a process that hangs in memory management keeps whoever reads its command line waiting, so it is left
   * alone without need.
   */
  #commandOf(directory: string, name: string): string {
    const isCut = Buffer.byteLength(name) === MOST_NAME_BYTES;
    if (!isCut && !this.#withArguments) return name;
    const line = readText(`${directory}/cmdline`) ?? '';
    if (line === '') return name;
    const words = line.split('\0').map((word) => kernelText(Buffer.from(word, 'latin1')));
    if (this.#withArguments) return words.join(' ').slice(0, LONGEST_COMMAND);
    const program = basename(words[0]?.split(' ')[0] ?? '');
    return program.startsWith(name) ? program : name;
  }
}

/** The group in the unified hierarchy or, on hosts of version 1, in the one that accounts CPU. */
function groupOf(text: string): string | null {
  const groups = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? []);
  const find = (wanted: (controllers: string[]) => boolean) =>
    groups.find(([, controllers]) => controllers !== undefined && wanted(controllers.split(',')))?.[2];
  const unified = find(([first]) => first === '');
  const found =
    unified !== undefined && unified !== '/' ? unified : find((names) => names.includes('cpuacct'));
  const path = found ?? unified;
  return path === undefined ? null : kernelText(Buffer.from(path, 'latin1'));
}
