import { NS_PER_SECOND, NS_PER_US } from '../../src/base/units.ts';
import { KeyedNumbers } from '../parse/keyed_numbers.ts';
import { requireWholeLines } from '../parse/malformed.ts';
import {
  CpuRates,
  PERIODS,
  SYSTEM,
  shareOfCore,
  THROTTLED,
  THROTTLED_US,
  Throttling,
  USAGE,
  USER,
} from './cpu_rates.ts';
import { GroupFile } from './group_file.ts';
import { Growth } from './growth.ts';
import { FlatKeyed } from './parse/flat_keyed.ts';
import { parseBlkio, READ_BYTES, READS, WRITE_BYTES, WRITES } from './parse/io_stat.ts';
import { parseNumber } from './parse/single_number.ts';
import type { GroupContext, Reader } from './reader.ts';
import { FaultTotal, orAbsent, TransferTotals } from './totals.ts';
import { numberOf, tellTroubles } from './version_2.ts';

const US_PER_SECOND = NS_PER_SECOND / NS_PER_US;
const US_PER_JIFFY = 10_000;

/** https://docs.kernel.org/admin-guide/cgroup-v1/index.html */
const cpuStat = new FlatKeyed(['nr_periods', 'nr_throttled', 'throttled_time']);
const cpuacctStat = new FlatKeyed(['user', 'system']);
const oomControl = new FlatKeyed(['oom_kill']);
/** Those of the group and all below it, where version 1 is told to add them up; else of the group alone. */
const memoryStat = new KeyedNumbers(['total_pgmajfault', 'total_swap', 'pgmajfault', 'swap'], ' ');

/** cpuacct.usage. */
export class CpuOfVersion1 implements Reader {
  /** Where its tree is mounted. */
  readonly root: string;
  readonly #usage: GroupFile;
  readonly #rates: CpuRates;

  constructor(context: GroupContext, root: string) {
    this.root = root;
    this.#usage = new GroupFile(root, context.path, 'cpuacct.usage', context.descriptorsAtTicks);
    this.#rates = new CpuRates(context);
  }

  exists(): boolean {
    return this.#usage.exists();
  }

  read(nowNs: number): void {
    const length = this.#usage.read();
    const usedUs = parseNumber(this.#usage.path, this.#usage.bytes, length) / NS_PER_US;
    if (usedUs === this.#rates.reading[USAGE] && this.stayStill(nowNs)) return;
    this.#rates.reading[USAGE] = usedUs;
    this.#rates.publish(nowNs);
  }

  get isStill(): boolean {
    return this.#rates.isStill;
  }

  /** Reads nothing, as nothing can have changed; false where that would not do. */
  stayStill(nowNs: number): boolean {
    if (!this.#rates.isStill) return false;
    this.#rates.stand(nowNs);
    return true;
  }

  /** Nothing of it can be read at the moment. */
  blank(): void {
    this.#rates.blank();
  }

  forget(): void {
    this.#rates.forget();
  }

  close(): void {
    this.#usage.close();
  }
}

/** cpu.stat of version 1, which tells of the quota only: read at every tick while one is enforced, else in turn. */
export class QuotaOfVersion1 implements Reader {
  readonly #context: GroupContext;
  readonly #file: GroupFile;
  readonly #throttling: Throttling;

  constructor(context: GroupContext, root: string) {
    this.#context = context;
    this.#file = new GroupFile(root, context.path, 'cpu.stat', context.descriptorsAtTicks);
    this.#throttling = new Throttling(context);
  }

  get isEnforced(): boolean {
    return this.#throttling.isEnforced;
  }

  read(nowNs: number): void {
    if (!this.isEnforced) this.readAtTick(nowNs);
  }

  readAtTick(nowNs: number): void {
    const { reading } = this.#throttling;
    const isRead = this.#file.readIfThere(nowNs, (path, bytes, length) => {
      cpuStat.parse(path, bytes, length);
      reading[PERIODS] = cpuStat.values[PERIODS]!;
      reading[THROTTLED] = cpuStat.values[THROTTLED]!;
      reading[THROTTLED_US] = cpuStat.values[THROTTLED_US]! / NS_PER_US;
    });
    if (!isRead) reading.fill(Number.NaN);
    this.#throttling.publish(nowNs);
    tellTroubles(this.#context.doubts, 'throttled_percent', [this.#file]);
  }

  forget(): void {
    this.#throttling.forget();
  }

  close(): void {
    this.#file.close();
  }
}

/** cpuacct.usage_user and cpuacct.usage_sys, or cpuacct.stat in jiffies before Linux 4.8. */
export class ModesOfVersion1 implements Reader {
  readonly #context: GroupContext;
  readonly #user: GroupFile;
  readonly #system: GroupFile;
  readonly #stat: GroupFile;
  readonly #reading = new Float64Array(3);
  readonly #growth = new Growth(3);

  constructor(context: GroupContext, root: string) {
    const { path, descriptors } = context;
    this.#context = context;
    this.#user = new GroupFile(root, path, 'cpuacct.usage_user', descriptors);
    this.#system = new GroupFile(root, path, 'cpuacct.usage_sys', descriptors);
    this.#stat = new GroupFile(root, path, 'cpuacct.stat', descriptors);
  }

  read(nowNs: number): void {
    const { data, doubts } = this.#context;
    const reading = this.#reading;
    const user = numberOf(this.#user, nowNs);
    const system = numberOf(this.#system, nowNs);
    reading.fill(Number.NaN);
    if (user !== undefined && system !== undefined) {
      reading[USER] = user / NS_PER_US;
      reading[SYSTEM] = system / NS_PER_US;
    } else {
      this.#stat.readIfThere(nowNs, (path, bytes, length) => {
        cpuacctStat.parse(path, bytes, length);
        reading[USER] = cpuacctStat.values[0]! * US_PER_JIFFY;
        reading[SYSTEM] = cpuacctStat.values[1]! * US_PER_JIFFY;
      });
    }
    this.#growth.advance(reading, nowNs);
    const { deltas, elapsedNs } = this.#growth;
    data.user_seconds = orAbsent(reading[USER]! / US_PER_SECOND);
    data.system_seconds = orAbsent(reading[SYSTEM]! / US_PER_SECOND);
    data.user_percent = shareOfCore(deltas[USER]!, elapsedNs, this.#context);
    data.system_percent = shareOfCore(deltas[SYSTEM]!, elapsedNs, this.#context);
    tellTroubles(doubts, 'user_percent', [this.#user, this.#system, this.#stat]);
  }

  forget(): void {
    this.#growth.forget();
  }

  close(): void {
    for (const file of [this.#user, this.#system, this.#stat]) file.close();
  }
}

/** memory.usage_in_bytes, memory.stat and memory.oom_control. */
export class MemoryOfVersion1 implements Reader {
  readonly #context: GroupContext;
  readonly #usage: GroupFile;
  readonly #stat: GroupFile;
  readonly #oom: GroupFile;
  readonly #faults: FaultTotal;

  constructor(context: GroupContext, root: string) {
    const { path, descriptors } = context;
    this.#context = context;
    this.#usage = new GroupFile(root, path, 'memory.usage_in_bytes', descriptors);
    this.#stat = new GroupFile(root, path, 'memory.stat', descriptors);
    this.#oom = new GroupFile(root, path, 'memory.oom_control', descriptors);
    this.#faults = new FaultTotal(context);
  }

  read(nowNs: number): void {
    const { data, doubts } = this.#context;
    data.memory_bytes = numberOf(this.#usage, nowNs);
    let faults = Number.NaN;
    data.swap_bytes = undefined;
    this.#stat.readIfThere(nowNs, (path, bytes, length) => {
      requireWholeLines(path, bytes, length);
      memoryStat.parse(bytes, length);
      const [allFaults, allSwap, ownFaults, ownSwap] = memoryStat.values;
      faults = firstOf(allFaults, ownFaults);
      data.swap_bytes = orAbsent(firstOf(allSwap, ownSwap));
    });
    this.#faults.publish(faults, nowNs);
    data.oom_kills = undefined;
    this.#oom.readIfThere(nowNs, (path, bytes, length) => {
      oomControl.parse(path, bytes, length);
      data.oom_kills = orAbsent(oomControl.values[0]!);
    });
    tellTroubles(doubts, 'memory_bytes', [this.#usage]);
    tellTroubles(doubts, 'major_faults_per_sec', [this.#stat]);
    tellTroubles(doubts, 'oom_kills', [this.#oom]);
  }

  forget(): void {
    this.#faults.forget();
  }

  close(): void {
    for (const file of [this.#usage, this.#stat, this.#oom]) file.close();
  }
}

/** blkio.throttle.io_service_bytes and io_serviced, with what lies below the group where the kernel tells it. */
export class IoOfVersion1 implements Reader {
  readonly #context: GroupContext;
  readonly #bytes: readonly GroupFile[];
  readonly #counts: readonly GroupFile[];
  readonly #totals: TransferTotals;

  constructor(context: GroupContext, root: string) {
    const files = (name: string): GroupFile[] =>
      [`${name}_recursive`, name].map((file) => new GroupFile(root, context.path, file, context.descriptors));
    this.#context = context;
    this.#bytes = files('blkio.throttle.io_service_bytes');
    this.#counts = files('blkio.throttle.io_serviced');
    this.#totals = new TransferTotals(context);
  }

  read(nowNs: number): void {
    this.#totals.reading.fill(Number.NaN);
    this.#readFirst(this.#bytes, nowNs, { read: READ_BYTES, write: WRITE_BYTES });
    this.#readFirst(this.#counts, nowNs, { read: READS, write: WRITES });
    this.#totals.publish(nowNs);
    tellTroubles(this.#context.doubts, 'read_bytes_per_sec', [...this.#bytes, ...this.#counts]);
  }

  forget(): void {
    this.#totals.forget();
  }

  close(): void {
    for (const file of [...this.#bytes, ...this.#counts]) file.close();
  }

  #readFirst(
    files: readonly GroupFile[],
    nowNs: number,
    columns: { readonly read: number; readonly write: number },
  ): void {
    const { isStacked } = this.#context;
    files.some((file) =>
      file.readIfThere(nowNs, (path, bytes, length) =>
        parseBlkio(path, bytes, length, isStacked, columns, this.#totals.reading),
      ),
    );
  }
}

function firstOf(number = Number.NaN, other = Number.NaN): number {
  return Number.isNaN(number) ? other : number;
}
