import { monotonicNs } from '../../src/shared/clock.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { CpuData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';
import { CpuWindow } from '../counters/cpu_window.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { CpuFrequency } from '../host/cpu_frequency.ts';
import { CpuTemperature } from '../host/cpu_temperature.ts';
import { parseLoadavg } from '../parse/loadavg.ts';
import {
  COLUMNS,
  type CpuTimes,
  IDLE,
  IOWAIT,
  IRQ,
  KINDS,
  NICE,
  parseStat,
  SOFTIRQ,
  STEAL,
  SYSTEM,
  USER,
} from '../parse/stat.ts';

/** An idle counter that falls by this many jiffies belongs to a CPU that was unplugged in between. */
const HOTPLUG_IDLE_DROP = 300;

/** Shares of CPU time from /proc/stat, load, frequency and temperature. */
export class CpuCollector extends BaseCollector<CpuData> {
  readonly name = 'cpu';
  readonly #now: () => number;
  readonly #stat: KernelFile;
  readonly #loadavg: KernelFile;
  readonly #frequency: CpuFrequency;
  readonly #temperature: CpuTemperature;
  readonly #window = new CpuWindow();
  readonly #deltas = new Float64Array(KINDS);
  readonly #load = new Float64Array(3);
  readonly #data: CpuData = {
    usage_percent: 0,
    per_core: [],
    user_percent: 0,
    nice_percent: 0,
    system_percent: 0,
    idle_percent: 0,
    iowait_percent: 0,
    irq_percent: 0,
    softirq_percent: 0,
    steal_percent: 0,
    frequency_mhz: null,
    load_avg_1m: 0,
    load_avg_5m: 0,
    load_avg_15m: 0,
    temperature_celsius: null,
  };

  constructor(options: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#now = now;
    this.#stat = new KernelFile(`${options.rootfs}/proc/stat`, { inOnePiece: true });
    this.#loadavg = new KernelFile(`${options.rootfs}/proc/loadavg`, {
      inOnePiece: true,
      capacityBytes: 256,
    });
    this.#frequency = new CpuFrequency(options.rootfs);
    this.#temperature = new CpuTemperature(options.rootfs);
  }

  collect(): CpuData | null {
    const nowNs = this.#now();
    const times = this.#window.blank();
    try {
      const statLength = this.#stat.read();
      parseStat(this.#stat.path, this.#stat.bytes, statLength, times);
      const loadavgLength = this.#loadavg.read();
      parseLoadavg(this.#loadavg.path, this.#loadavg.bytes, loadavgLength, this.#load);
    } catch (error) {
      // What was read before the failure may be of another life of the file.
      this.#window.clear();
      throw error;
    }
    const reference = this.#window.reference(nowNs);
    const known = reference !== undefined && this.#shareTotal(reference.times, times);
    if (known) {
      this.#shareCores(reference.times, times);
      this.elapsedNs = nowNs - reference.takenNs;
    }
    this.#window.keep(nowNs);
    if (!known) return null;
    const data = this.#data;
    data.frequency_mhz = this.#frequency.read(nowNs);
    data.temperature_celsius = this.#temperature.read(nowNs);
    data.load_avg_1m = this.#load[0]!;
    data.load_avg_5m = this.#load[1]!;
    data.load_avg_15m = this.#load[2]!;
    return data;
  }

  override reset(): void {
    this.#window.clear();
  }

  override close(): void {
    this.#stat.close();
    this.#loadavg.close();
  }

  /** False when no time has passed by the counters. */
  #shareTotal(before: CpuTimes, after: CpuTimes): boolean {
    const deltas = this.#deltas;
    const all = difference(before.total, 0, after.total, 0, deltas);
    if (all === 0) return false;
    const scale = 100 / all;
    const data = this.#data;
    data.user_percent = deltas[USER]! * scale;
    data.nice_percent = deltas[NICE]! * scale;
    data.system_percent = deltas[SYSTEM]! * scale;
    data.idle_percent = deltas[IDLE]! * scale;
    data.iowait_percent = deltas[IOWAIT]! * scale;
    data.irq_percent = deltas[IRQ]! * scale;
    data.softirq_percent = deltas[SOFTIRQ]! * scale;
    data.steal_percent = deltas[STEAL]! * scale;
    data.usage_percent = (all - deltas[IDLE]! - deltas[IOWAIT]!) * scale;
    return true;
  }

  #shareCores(before: CpuTimes, after: CpuTimes): void {
    const perCore = this.#data.per_core;
    perCore.fill(null);
    for (let row = 0; row < after.coreCount; row++) {
      const id = after.coreIds[row]!;
      while (perCore.length <= id) perCore.push(null);
      const rowBefore = findCore(before, id, row);
      if (rowBefore !== -1) perCore[id] = this.#usageOf(before, rowBefore * COLUMNS, after, row * COLUMNS);
    }
  }

  /** Null when no time has passed on the core, or when it is not the same core any more. */
  #usageOf(before: CpuTimes, atBefore: number, after: CpuTimes, at: number): number | null {
    if (before.cores[atBefore + IDLE]! - after.cores[at + IDLE]! >= HOTPLUG_IDLE_DROP) return null;
    const deltas = this.#deltas;
    const all = difference(before.cores, atBefore, after.cores, at, deltas);
    return all === 0 ? null : (100 * (all - deltas[IDLE]! - deltas[IOWAIT]!)) / all;
  }
}

/**
 * What each kind of time grew by, and the sum. A kind that went backwards (the kernel lets iowait and idle do so)
 * counts as 0 by itself; subtracting the sums instead would let it eat up the others.
 */
function difference(
  before: Float64Array,
  atBefore: number,
  after: Float64Array,
  at: number,
  deltas: Float64Array,
): number {
  let all = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    const delta = Math.max(0, after[at + kind]! - before[atBefore + kind]!);
    deltas[kind] = delta;
    all += delta;
  }
  return all;
}

/** The row of a core in another reading: the same one, unless cores came or went in between; -1 if none. */
function findCore(times: CpuTimes, id: number, likelyRow: number): number {
  if (likelyRow < times.coreCount && times.coreIds[likelyRow] === id) return likelyRow;
  for (let row = 0; row < times.coreCount; row++) if (times.coreIds[row] === id) return row;
  return -1;
}
