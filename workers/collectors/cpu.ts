import { monotonicNs } from '../../src/base/clock.ts';
import { errorMessage } from '../../src/base/errors.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { CpuData, Sources } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { CpuGrowth } from '../counters/cpu_growth.ts';
import { CpuSeconds, JIFFIES_PER_SECOND } from '../counters/cpu_seconds.ts';
import { CpuWindow, SHORTEST_SPAN_NS } from '../counters/cpu_window.ts';
import { PreciseCpu } from '../counters/precise_cpu.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { CpuFrequency } from '../host/cpu_frequency.ts';
import { CpuTemperature } from '../host/cpu_temperature.ts';
import type { FineSource } from '../host/fine_source.ts';
import { parseLoadavg } from '../parse/loadavg.ts';
import {
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

/** The kernel itself computes the load every five seconds. */
const LOAD_PACE_NS = NS_PER_SECOND;
const MS_PER_JIFFY = 10;
/** What kinds of time are called in the names of fields, in the order of /proc/stat. */
const KIND_NAMES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const SECONDS_FIELDS = KIND_NAMES.map((name) => `${name}_seconds` as const);
/** What is missing from run time at worst: the time since the last kernel tick (at HZ=250). */
const MS_PER_KERNEL_TICK = 4;

/**
 * Shares of CPU time, load, frequency and temperature.
 *
 * How busy each core was comes from {@link PreciseCpu} where the host has what it needs, and covers the time since
 * the read before. What it was busy with comes from the jiffies of /proc/stat over the last 100 ms, as does
 * everything else where there is nothing finer.
 */
export class CpuCollector extends BaseCollector<CpuData> {
  readonly name = 'cpu';
  readonly #now: () => number;
  readonly #stat: KernelFile;
  readonly #loadavg: KernelFile;
  readonly #frequency: CpuFrequency;
  readonly #temperature: CpuTemperature;
  readonly #window = new CpuWindow();
  readonly #precise: PreciseCpu;
  /** What busy time was spent on, in parts of it, when there last was some. */
  readonly #split = new Float64Array(KINDS);
  readonly #deltas = new Float64Array(KINDS);
  /** What the cores and all of them together have grown by, in jiffies. */
  readonly #jiffies = new CpuGrowth();
  readonly #seconds = new CpuSeconds();
  readonly #load = new Float64Array(3);
  #loadNs = Number.NEGATIVE_INFINITY;
  /** What `sources` was made from. */
  #source: FineSource | undefined;
  #fineCores = 0;
  #refused: string | undefined;
  /** Why there is no load, when there is none. */
  #loadTrouble: string | undefined;
  #namedLoadTrouble: string | undefined;
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
    user_seconds: 0,
    nice_seconds: 0,
    system_seconds: 0,
    idle_seconds: 0,
    iowait_seconds: 0,
    irq_seconds: 0,
    softirq_seconds: 0,
    steal_seconds: 0,
    per_core_user_seconds: [],
    per_core_nice_seconds: [],
    per_core_system_seconds: [],
    per_core_idle_seconds: [],
    per_core_iowait_seconds: [],
    per_core_irq_seconds: [],
    per_core_softirq_seconds: [],
    per_core_steal_seconds: [],
  };
  /** The lists of seconds, by kind: names made anew at every tick would cost more than all the counting. */
  readonly #coreSeconds = KIND_NAMES.map((name) => this.#data[`per_core_${name}_seconds`]);

  constructor(options: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#now = now;
    this.#stat = new KernelFile(`${options.rootfs}/proc/stat`, { inOnePiece: true });
    this.#loadavg = new KernelFile(`${options.rootfs}/proc/loadavg`, {
      inOnePiece: true,
      capacityBytes: 256,
    });
    this.#precise = new PreciseCpu(options.rootfs);
    this.#frequency = new CpuFrequency(options.rootfs);
    this.#temperature = new CpuTemperature(options.rootfs);
  }

  collect(): CpuData | null {
    const times = this.#window.blank();
    let nowNs: number;
    try {
      const statLength = this.#stat.read();
      nowNs = this.#now();
      parseStat(this.#stat.path, this.#stat.bytes, statLength, times);
      this.#precise.advance(nowNs, times);
      this.#seconds.advance(nowNs, times);
      this.#readLoad(nowNs);
    } catch (error) {
      // What was read before the failure may be of another life of the file.
      this.reset();
      throw error;
    }
    const reference = this.#window.reference(nowNs);
    const known =
      reference !== undefined && this.#shareTotal(reference.times, times, nowNs - reference.takenNs);
    if (known) {
      this.#shareCores(times);
      this.#tellSeconds(times);
      const precise = !Number.isNaN(this.#precise.totalPercent);
      this.elapsedNs = precise ? this.#precise.elapsedNs : nowNs - reference.takenNs;
    }
    this.#window.keep(nowNs);
    this.#nameSources();
    if (!known) return null;
    const data = this.#data;
    data.frequency_mhz = this.#frequency.read(nowNs);
    data.temperature_celsius = this.#temperature.read(nowNs);
    const isLoadKnown = this.#loadTrouble === undefined;
    data.load_avg_1m = isLoadKnown ? this.#load[0]! : null;
    data.load_avg_5m = isLoadKnown ? this.#load[1]! : null;
    data.load_avg_15m = isLoadKnown ? this.#load[2]! : null;
    return data;
  }

  override reset(): void {
    this.#window.clear();
    this.#precise.reset();
  }

  override close(): void {
    this.#stat.close();
    this.#loadavg.close();
    this.#precise.close();
  }

  #readLoad(nowNs: number): void {
    if (nowNs - this.#loadNs < LOAD_PACE_NS) return;
    this.#loadNs = nowNs;
    try {
      const length = this.#loadavg.read();
      parseLoadavg(this.#loadavg.path, this.#loadavg.bytes, length, this.#load);
      this.#loadTrouble = undefined;
    } catch (error) {
      // Nothing else depends on it.
      this.#loadTrouble = errorMessage(error);
    }
  }

  /** False when no time has passed by the counters, or more than can have. */
  #shareTotal(before: CpuTimes, after: CpuTimes, elapsedNs: number): boolean {
    const deltas = this.#deltas;
    const jiffies = this.#jiffies.between(before, after, elapsedNs);
    deltas.set(jiffies.deltas);
    const { all } = jiffies;
    const precise = this.#precise.totalPercent;
    if (all === 0 && Number.isNaN(precise)) return false;
    const rest = deltas[IDLE]! + deltas[IOWAIT]!;
    const split = this.#split;
    if (all > rest) for (let kind = 0; kind < KINDS; kind++) split[kind] = deltas[kind]! / (all - rest);
    else if (split[USER] === 0 && split[SYSTEM] === 0) this.#splitSinceBoot(after);
    const usage = Number.isNaN(precise) ? (100 * (all - rest)) / all : precise;
    const data = this.#data;
    data.usage_percent = usage;
    data.user_percent = usage * split[USER]!;
    data.nice_percent = usage * split[NICE]!;
    data.system_percent = usage * split[SYSTEM]!;
    data.irq_percent = usage * split[IRQ]!;
    data.softirq_percent = usage * split[SOFTIRQ]!;
    data.steal_percent = usage * split[STEAL]!;
    data.iowait_percent = rest > 0 ? ((100 - usage) * deltas[IOWAIT]!) / rest : 0;
    data.idle_percent = 100 - usage - data.iowait_percent;
    return true;
  }

  /** No jiffy was busy yet: what little there was is taken to have been spent as all the time before. */
  #splitSinceBoot({ total }: CpuTimes): void {
    let busy = 0;
    for (let kind = 0; kind < KINDS; kind++) if (kind !== IDLE && kind !== IOWAIT) busy += total[kind]!;
    if (busy > 0) for (let kind = 0; kind < KINDS; kind++) this.#split[kind] = total[kind]! / busy;
  }

  #shareCores(after: CpuTimes): void {
    const perCore = this.#data.per_core;
    const precise = this.#precise.usagePercent;
    perCore.fill(null);
    for (let row = 0; row < after.coreCount; row++) {
      const usage = precise[row]!;
      place(perCore, after.coreIds[row]!, Number.isNaN(usage) ? this.#jiffies.usageOf(row) : usage);
    }
  }

  #tellSeconds({ coreCount, coreIds }: CpuTimes): void {
    const seconds = this.#seconds;
    const lists = this.#coreSeconds;
    for (let kind = 0; kind < KINDS; kind++) {
      this.#data[SECONDS_FIELDS[kind]!] = seconds.total(kind);
      lists[kind]!.fill(null);
    }
    for (let row = 0; row < coreCount; row++) {
      const id = coreIds[row]!;
      const jiffies = seconds.jiffiesOfCore(id);
      if (jiffies === undefined) continue;
      for (let kind = 0; kind < KINDS; kind++) place(lists[kind]!, id, jiffies[kind]! / JIFFIES_PER_SECOND);
    }
  }

  #nameSources(): void {
    const { source } = this.#precise;
    const { refused } = this.#jiffies;
    const cores = source?.cores ?? 0;
    const trouble = this.#loadTrouble;
    const same =
      source === this.#source &&
      cores === this.#fineCores &&
      refused === this.#refused &&
      trouble === this.#namedLoadTrouble;
    if (this.sources !== undefined && same) return;
    this.#source = source;
    this.#fineCores = cores;
    this.#refused = refused;
    this.#namedLoadTrouble = trouble;
    this.sources = {
      ...sourcesOf(source, refused),
      ...(trouble !== undefined && { load_avg_1m: { source: '/proc/loadavg', message: trouble } }),
    };
  }
}

/** Puts in what a core has; cores before it that are not in the list yet are offline. */
function place(perCore: (number | null)[], id: number, value: number | null): void {
  while (perCore.length <= id) perCore.push(null);
  perCore[id] = value;
}

function sourcesOf(fine: FineSource | undefined, refused: string | undefined): Sources {
  const jiffies = {
    source: '/proc/stat',
    resolution_ms: MS_PER_JIFFY,
    window_ms: SHORTEST_SPAN_NS / NS_PER_MS,
    ...(refused !== undefined && { message: refused }),
  };
  if (fine === undefined) return { usage_percent: jiffies, per_core: jiffies, user_percent: jiffies };
  const uncertainty_ms = fine.ticks ? MS_PER_KERNEL_TICK : MS_PER_JIFFY;
  const usage = { source: fine.name, resolution_ms: 0.001, uncertainty_ms };
  return { usage_percent: usage, per_core: { ...usage, cores: fine.cores }, user_percent: jiffies };
}
