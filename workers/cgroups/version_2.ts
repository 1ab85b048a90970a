import { KeyedNumbers } from '../parse/keyed_numbers.ts';
import { requireWholeLines } from '../parse/malformed.ts';
import { CpuRates, PERIODS, SYSTEM, THROTTLED, THROTTLED_US, Throttling, USAGE, USER } from './cpu_rates.ts';
import { GroupFile } from './group_file.ts';
import { FlatKeyed } from './parse/flat_keyed.ts';
import { parseIoStat } from './parse/io_stat.ts';
import { parseNumber } from './parse/single_number.ts';
import type { GroupContext, Reader } from './reader.ts';
import { FaultTotal, orAbsent, TransferTotals } from './totals.ts';

/** https://docs.kernel.org/admin-guide/cgroup-v2.html */
const cpuStat = new FlatKeyed([
  'usage_usec',
  'user_usec',
  'system_usec',
  'nr_periods',
  'nr_throttled',
  'throttled_usec',
]);
const FIRST_OF_QUOTA = 3;
const memoryEvents = new FlatKeyed(['oom_kill']);
const memoryStat = new KeyedNumbers(['pgmajfault'], ' ');

/** cpu.stat, which tells CPU time with the cpu controller and without, and what was held back with it only. */
export class CpuOfVersion2 implements Reader {
  /** Where its tree is mounted. */
  readonly root: string;
  readonly #file: GroupFile;
  readonly #rates: CpuRates;
  readonly #throttling: Throttling;

  constructor(context: GroupContext, root: string) {
    this.root = root;
    this.#file = new GroupFile(root, context.path, 'cpu.stat', context.descriptorsAtTicks);
    this.#rates = new CpuRates(context);
    this.#throttling = new Throttling(context);
  }

  exists(): boolean {
    return this.#file.exists();
  }

  read(nowNs: number): void {
    const length = this.#file.read();
    const usedUs = cpuStat.firstOf(this.#file.bytes, length);
    // Most groups do nothing most of the time, and what uses no time is not held back either.
    if (usedUs === this.#rates.reading[USAGE] && this.stayStill(nowNs)) return;
    cpuStat.parse(this.#file.path, this.#file.bytes, length);
    const { values } = cpuStat;
    const { reading } = this.#rates;
    reading[USAGE] = values[USAGE]!;
    reading[USER] = values[USER]!;
    reading[SYSTEM] = values[SYSTEM]!;
    this.#rates.publish(nowNs);
    const quota = this.#throttling.reading;
    quota[PERIODS] = values[FIRST_OF_QUOTA + PERIODS]!;
    quota[THROTTLED] = values[FIRST_OF_QUOTA + THROTTLED]!;
    quota[THROTTLED_US] = values[FIRST_OF_QUOTA + THROTTLED_US]!;
    this.#throttling.publish(nowNs);
  }

  get isStill(): boolean {
    return this.#rates.isStill;
  }

  /** Reads nothing, as nothing can have changed; false where that would not do. */
  stayStill(nowNs: number): boolean {
    if (!this.#rates.isStill || this.#throttling.isEnforced) return false;
    this.#rates.stand(nowNs);
    return true;
  }

  /** Nothing of it can be read at the moment. */
  blank(): void {
    this.#rates.blank();
    if (this.#throttling.isTold) this.#throttling.blank();
  }

  forget(): void {
    this.#rates.forget();
    this.#throttling.forget();
  }

  close(): void {
    this.#file.close();
  }
}

/** memory.current, memory.swap.current, memory.stat and memory.events. */
export class MemoryOfVersion2 implements Reader {
  readonly #context: GroupContext;
  readonly #current: GroupFile;
  readonly #swap: GroupFile;
  readonly #stat: GroupFile;
  readonly #events: GroupFile;
  readonly #faults: FaultTotal;

  constructor(context: GroupContext, root: string) {
    const { path, descriptors } = context;
    this.#context = context;
    this.#current = new GroupFile(root, path, 'memory.current', descriptors);
    this.#swap = new GroupFile(root, path, 'memory.swap.current', descriptors);
    this.#stat = new GroupFile(root, path, 'memory.stat', descriptors);
    this.#events = new GroupFile(root, path, 'memory.events', descriptors);
    this.#faults = new FaultTotal(context);
  }

  read(nowNs: number): void {
    const { data, doubts } = this.#context;
    data.memory_bytes = numberOf(this.#current, nowNs);
    data.swap_bytes = numberOf(this.#swap, nowNs);
    let faults = Number.NaN;
    this.#stat.readIfThere(nowNs, (path, bytes, length) => {
      requireWholeLines(path, bytes, length);
      memoryStat.parse(bytes, length);
      faults = memoryStat.values[0]!;
    });
    this.#faults.publish(faults, nowNs);
    data.oom_kills = undefined;
    this.#events.readIfThere(nowNs, (path, bytes, length) => {
      memoryEvents.parse(path, bytes, length);
      data.oom_kills = orAbsent(memoryEvents.values[0]!);
    });
    tellTroubles(doubts, 'memory_bytes', [this.#current, this.#swap]);
    tellTroubles(doubts, 'major_faults_per_sec', [this.#stat]);
    tellTroubles(doubts, 'oom_kills', [this.#events]);
  }

  forget(): void {
    this.#faults.forget();
  }

  close(): void {
    for (const file of [this.#current, this.#swap, this.#stat, this.#events]) file.close();
  }
}

/** io.stat. */
export class IoOfVersion2 implements Reader {
  readonly #context: GroupContext;
  readonly #file: GroupFile;
  readonly #totals: TransferTotals;

  constructor(context: GroupContext, root: string) {
    this.#context = context;
    this.#file = new GroupFile(root, context.path, 'io.stat', context.descriptors);
    this.#totals = new TransferTotals(context);
  }

  read(nowNs: number): void {
    const { doubts, isStacked } = this.#context;
    const { reading } = this.#totals;
    const isRead = this.#file.readIfThere(nowNs, (path, bytes, length) =>
      parseIoStat(path, bytes, length, isStacked, reading),
    );
    if (!isRead) reading.fill(Number.NaN);
    this.#totals.publish(nowNs);
    tellTroubles(doubts, 'read_bytes_per_sec', [this.#file]);
  }

  forget(): void {
    this.#totals.forget();
  }

  close(): void {
    this.#file.close();
  }
}

/** pids.current, the same in both versions. */
export class TaskCount implements Reader {
  readonly #context: GroupContext;
  readonly #file: GroupFile;

  constructor(context: GroupContext, root: string) {
    this.#context = context;
    this.#file = new GroupFile(root, context.path, 'pids.current', context.descriptors);
  }

  read(nowNs: number): void {
    this.#context.data.tasks = numberOf(this.#file, nowNs);
    tellTroubles(this.#context.doubts, 'tasks', [this.#file]);
  }

  forget(): void {}

  close(): void {
    this.#file.close();
  }
}

/** The number a file is; undefined where there is none. */
export function numberOf(file: GroupFile, nowNs: number): number | undefined {
  let number: number | undefined;
  file.readIfThere(nowNs, (path, bytes, length) => {
    number = parseNumber(path, bytes, length);
  });
  return number;
}

export function tellTroubles(
  doubts: GroupContext['doubts'],
  field: string,
  files: readonly GroupFile[],
): void {
  for (const { trouble, path } of files) {
    if (trouble !== undefined) doubts.tell(field, path.slice(path.lastIndexOf('/') + 1), trouble);
  }
}
