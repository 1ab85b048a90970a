import { NS_PER_SECOND, NS_PER_US } from '../../src/base/units.ts';
import { CpuIdle } from '../host/cpu_idle.ts';
import type { FineSource } from '../host/fine_source.ts';
import { cpuacct, schedstat } from '../host/run_time.ts';
import { COLUMNS, type CpuTimes, IDLE, IOWAIT } from '../parse/stat.ts';
import { IdleClock, type IdleReading } from './idle_clock.ts';

const US_PER_JIFFY = 10_000;
/** How often to look for sources that were not there, or failed. */
const LOOK_EVERY_NS = 60 * NS_PER_SECOND;
/** Idle time that grew by more than this many times what passed is that of another core, or began anew. */
const MOST_TIMES_ELAPSED = 2;
/** Jiffies are counted in steps, and late. */
const SLACK_JIFFIES = 20;
/** So much core time between two readings makes the steps of the idle column of all cores together small. */
const ENOUGH_CORE_NS = NS_PER_SECOND;

class Core {
  readonly clock = new IdleClock();
  iowaitJiffies = 0;
  /** Idle and iowait together at the reading before; not-a-number where there was none. */
  idleJiffies = Number.NaN;
}

/**
 * The usage of each core since the reading before, from a source finer than jiffies, held to the idle column of
 * /proc/stat by {@link IdleClock}. The first that a host has serves: the residencies of cpuidle, run time by core of
 * control groups v1, /proc/schedstat. Two of them together were found to gain little and cost twice.
 */
export class PreciseCpu {
  /** Busy share of each row of the reading in percent; not-a-number where jiffies must do. */
  usagePercent = new Float64Array(8);
  /** The same of all cores together. */
  totalPercent = Number.NaN;
  /** What passed between the last two readings. */
  elapsedNs = 0;
  /** What is read; undefined where there is nothing finer than jiffies. */
  source: FineSource | undefined;
  readonly #rootfs: string;
  readonly #cores = new Map<number, Core>();
  #rows: Core[] = [];
  #ids = new Int32Array(0);
  #takenNs = Number.NaN;
  #lookedNs = Number.NEGATIVE_INFINITY;
  readonly #reading: IdleReading = {
    nowUs: 0,
    statUs: 0,
    stepUs: US_PER_JIFFY,
    residencyUs: Number.NaN,
    busyUs: Number.NaN,
    idleChance: 0,
    busyTicks: false,
  };

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
  }

  /** Takes in a reading of /proc/stat made just now, and reads the finer sources beside it. */
  advance(nowNs: number, times: CpuTimes): void {
    this.elapsedNs = nowNs - this.#takenNs;
    this.#takenNs = nowNs;
    this.#arrange(times);
    this.source = readOrDrop(this.source, nowNs, times) ?? this.#look(nowNs, times);
    if (this.source === undefined) {
      this.totalPercent = Number.NaN;
      this.usagePercent.fill(Number.NaN);
    } else this.#advanceCores(nowNs, times, this.source);
  }

  /** Takes the next reading for the first. */
  reset(): void {
    this.#takenNs = Number.NaN;
    for (const core of this.#rows) {
      core.clock.forget();
      core.idleJiffies = Number.NaN;
    }
  }

  close(): void {
    this.source?.close();
    this.source = undefined;
    this.#lookedNs = Number.NEGATIVE_INFINITY;
  }

  /** Finds the core of each row. */
  #arrange({ coreCount, coreIds }: CpuTimes): void {
    let same = this.#rows.length === coreCount;
    for (let row = 0; same && row < coreCount; row++) same = this.#ids[row] === coreIds[row];
    if (same) return;
    this.#ids = coreIds.slice(0, coreCount);
    if (this.usagePercent.length < coreCount) this.usagePercent = new Float64Array(coreIds.length);
    const before = this.#rows;
    this.#rows = Array.from(this.#ids, (id) => {
      let core = this.#cores.get(id);
      if (core === undefined) {
        core = new Core();
        this.#cores.set(id, core);
      }
      return core;
    });
    const present = new Set(this.#rows);
    for (const core of before) {
      if (present.has(core)) continue;
      core.clock.forget();
      core.idleJiffies = Number.NaN;
    }
  }

  /** The first source there is, if it is time to look for one. */
  #look(nowNs: number, times: CpuTimes): FineSource | undefined {
    if (nowNs - this.#lookedNs < LOOK_EVERY_NS) return undefined;
    this.#lookedNs = nowNs;
    this.reset();
    return (
      readOrDrop(new CpuIdle(this.#rootfs), nowNs, times) ??
      readOrDrop(cpuacct(this.#rootfs), nowNs, times) ??
      readOrDrop(schedstat(this.#rootfs, times), nowNs, times)
    );
  }

  #advanceCores(nowNs: number, times: CpuTimes, source: FineSource): void {
    const reading = this.#reading;
    reading.nowUs = nowNs / NS_PER_US;
    reading.residencyUs = Number.NaN;
    reading.busyUs = Number.NaN;
    reading.busyTicks = source.ticks;
    reading.idleChance = chanceOfIdle(times);
    let idleUs = 0;
    let allUs = 0;
    let watchesAll = true;
    for (let row = 0; row < this.#rows.length; row++) {
      const core = this.#rows[row]!;
      const { clock } = core;
      const us = source.us[row]!;
      if (Number.isNaN(us)) {
        clock.forget();
        watchesAll = false;
      } else {
        if (source.counts === 'idle') reading.residencyUs = us;
        else reading.busyUs = us;
        const iowait = times.cores[row * COLUMNS + IOWAIT]!;
        reading.statUs = (times.cores[row * COLUMNS + IDLE]! + iowait) * US_PER_JIFFY;
        // Idle and iowait are cut down to jiffies apart: while both move, the step is that of both.
        reading.stepUs = core.iowaitJiffies === iowait ? US_PER_JIFFY : 2 * US_PER_JIFFY;
        core.iowaitJiffies = iowait;
        clock.advance(reading);
      }
      if (clock.known) {
        idleUs += clock.growthUs;
        allUs += clock.elapsedUs;
      }
      this.usagePercent[row] = clock.known ? 100 * (1 - clock.growthUs / clock.elapsedUs) : Number.NaN;
    }
    const ofAll = this.#shareOfAll(times);
    // A core that has just come, or whose counters began anew, tells nothing yet: the others stand for it.
    this.totalPercent = watchesAll && allUs > 0 ? 100 * (1 - idleUs / allUs) : ofAll;
  }

  /**
   * From the idle columns of the cores, on hosts with enough cores that their steps average out. The row of all cores
   * together counts the idle time of those that are offline, too, and jumps when one comes or goes.
   */
  #shareOfAll({ cores, coreCount }: CpuTimes): number {
    const mostJiffies = (this.elapsedNs / (US_PER_JIFFY * NS_PER_US)) * MOST_TIMES_ELAPSED + SLACK_JIFFIES;
    let idleJiffies = 0;
    let counted = 0;
    for (let row = 0; row < coreCount; row++) {
      const core = this.#rows[row]!;
      const at = row * COLUMNS;
      const now = cores[at + IDLE]! + cores[at + IOWAIT]!;
      const growth = now - core.idleJiffies;
      core.idleJiffies = now;
      // Not so, too, for a core that was not there before: then nothing compares.
      if (!(growth >= -SLACK_JIFFIES && growth <= mostJiffies)) continue;
      idleJiffies += growth;
      counted++;
    }
    const coreNs = this.elapsedNs * counted;
    if (!(coreNs >= ENOUGH_CORE_NS)) return Number.NaN;
    const idleNs = idleJiffies * US_PER_JIFFY * NS_PER_US;
    return Math.min(100, Math.max(0, 100 * (1 - idleNs / coreNs)));
  }
}

/**
 * The sampler's own core runs the sampler. The tasks beside it occupy as many of the other cores, because waking
 * tasks are given to idle cores first.
 */
function chanceOfIdle({ running, coreCount }: CpuTimes): number {
  if (Number.isNaN(running) || coreCount < 2) return 0;
  return Math.max(0, 1 - Math.max(0, running - 1) / (coreCount - 1));
}

/** The source, after it has been read; undefined when it cannot be, or this host does not have it. */
function readOrDrop(source: FineSource | undefined, nowNs: number, times: CpuTimes): FineSource | undefined {
  if (source === undefined) return undefined;
  try {
    source.read(nowNs, times);
    if (source.present) return source;
  } catch {
    // Gone, or never there: another may serve.
  }
  source.close();
  return undefined;
}
