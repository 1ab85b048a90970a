import { NS_PER_SECOND } from '../../src/base/units.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { listNames } from '../files/slow_file.ts';
import { ByteCursor } from '../parse/byte_cursor.ts';
import { COLUMNS, type CpuTimes, IDLE, IOWAIT, KINDS } from '../parse/stat.ts';
import type { FineSource } from './fine_source.ts';

/** Room for the digits of a 64-bit number and the end of the line. */
const CAPACITY_BYTES = 32;
/** A state not entered for this many readings is read only once in this many. */
const UNUSED_AFTER = 64;
const LOOK_EVERY = 16;
/** Files that are read per tick at most; each takes a microsecond, three on a thread that has just woken up. */
const MOST_FILES = 64;
/** A high rate must not multiply the cost: a budget of reads per second, though never less per tick than a small host needs. */
const FILES_PER_NS = 4_000 / NS_PER_SECOND;
const FEWEST_FILES = 16;
const CHOOSE_EVERY_NS = NS_PER_SECOND;
/** Idle for a share of the time between these a core does now this and now that. */
const HARDLY_IDLE = 0.02;
const HARDLY_BUSY = 0.98;
/** How long a core whose states cannot be read is left alone. */
const RETRY_NS = 10 * NS_PER_SECOND;

const cursor = new ByteCursor();

/** One idle state of one core: microseconds spent in it, as of the last time the core left it. */
class IdleState {
  timeUs = Number.NaN;
  readonly #file: KernelFile;
  #unchanged = 0;

  constructor(path: string) {
    this.#file = new KernelFile(path, { inOnePiece: true, capacityBytes: CAPACITY_BYTES });
  }

  /** @throws HzstatError when the core or its states are gone */
  read(): void {
    const unchanged = ++this.#unchanged;
    if (unchanged > UNUSED_AFTER && unchanged % LOOK_EVERY !== 0) return;
    const length = this.#file.read();
    cursor.over(this.#file.bytes, length);
    const timeUs = length > 1 ? cursor.digits() : Number.NaN;
    if (timeUs !== this.timeUs) this.#unchanged = 0;
    this.timeUs = timeUs;
  }

  close(): void {
    this.#file.close();
  }
}

/** The idle states of one core. */
class CoreIdle {
  watched = true;
  /** Jiffies when it was last decided which cores to watch. */
  idleJiffies = 0;
  allJiffies = 0;
  readonly #folder: string;
  #states: IdleState[] = [];
  #retryNs = Number.NEGATIVE_INFINITY;

  constructor(rootfs: string, id: number) {
    this.#folder = `${rootfs}/sys/devices/system/cpu/cpu${id}/cpuidle`;
  }

  get files(): number {
    return this.#states.length;
  }

  /** The sum over all states, or not-a-number when there are none to be read. */
  readUs(nowNs: number): number {
    if (this.#states.length === 0 && !this.#open(nowNs)) return Number.NaN;
    let sumUs = 0;
    try {
      for (const state of this.#states) {
        state.read();
        sumUs += state.timeUs;
      }
    } catch {
      // Unplugged, or the driver was changed.
      this.close();
      return Number.NaN;
    }
    return sumUs;
  }

  close(): void {
    for (const state of this.#states) state.close();
    this.#states = [];
  }

  #open(nowNs: number): boolean {
    if (nowNs < this.#retryNs) return false;
    this.#retryNs = nowNs + RETRY_NS;
    this.#states = listNames(this.#folder)
      .filter((name) => /^state\d+$/.test(name))
      .map((name) => new IdleState(`${this.#folder}/${name}/time`));
    return this.#states.length > 0;
  }
}

/**
 * How long the cores have slept in the idle states of cpuidle, in microseconds:
 * `/sys/devices/system/cpu/cpuN/cpuidle/stateM/time` (drivers/cpuidle/cpuidle.c adds to it when the core wakes up,
 * Documentation/admin-guide/pm/cpuidle.rst).
 *
 * Where that is more files than a tick should read, only cores that are neither idle nor busy throughout are
 * watched: of the others jiffies tell as much.
 */
export class CpuIdle implements FineSource {
  readonly name = 'cpuidle';
  readonly counts = 'idle';
  readonly ticks = false;
  us = new Float64Array(0);
  cores = 0;
  readonly #rootfs: string;
  readonly #known = new Map<number, CoreIdle>();
  #filesPerCore = 0;
  #chosenNs = Number.NEGATIVE_INFINITY;
  #firstToChoose = 0;
  #readNs = Number.NaN;

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
  }

  read(nowNs: number, times: CpuTimes): void {
    const { coreCount, coreIds } = times;
    if (this.us.length < coreCount) this.us = new Float64Array(coreIds.length);
    // Before the first reading it is not known what reading all of them takes.
    if (this.#filesPerCore > 0 && nowNs - this.#chosenNs >= CHOOSE_EVERY_NS) this.#choose(nowNs, times);
    this.#readNs = nowNs;
    let cores = 0;
    for (let row = 0; row < coreCount; row++) {
      const core = this.#coreOf(coreIds[row]!);
      const us = core.watched ? core.readUs(nowNs) : Number.NaN;
      if (!Number.isNaN(us)) cores++;
      this.#filesPerCore = Math.max(this.#filesPerCore, core.files);
      this.us[row] = us;
    }
    this.cores = cores;
  }

  close(): void {
    for (const core of this.#known.values()) core.close();
  }

  #coreOf(id: number): CoreIdle {
    let core = this.#known.get(id);
    if (core === undefined) {
      core = new CoreIdle(this.#rootfs, id);
      core.watched = (this.#known.size + 1) * this.#filesPerCore <= MOST_FILES;
      this.#known.set(id, core);
    }
    return core;
  }

  get present(): boolean {
    return this.#filesPerCore > 0;
  }

  /** Decides which cores to watch until the next decision. */
  #choose(nowNs: number, times: CpuTimes): void {
    const { coreCount, coreIds, cores } = times;
    this.#chosenNs = nowNs;
    const sinceNs = nowNs - this.#readNs;
    let room =
      sinceNs > 0 ? Math.min(MOST_FILES, Math.max(FEWEST_FILES, sinceNs * FILES_PER_NS)) : MOST_FILES;
    const enough = coreCount * this.#filesPerCore <= room;
    let left: number | undefined;
    for (let turn = 0; turn < coreCount; turn++) {
      const row = (this.#firstToChoose + turn) % coreCount;
      const core = this.#coreOf(coreIds[row]!);
      const at = row * COLUMNS;
      const idle = cores[at + IDLE]! + cores[at + IOWAIT]!;
      let all = 0;
      for (let kind = 0; kind < KINDS; kind++) all += cores[at + kind]!;
      // At first sight nobody knows what the core has been like; it keeps what it was given.
      const share = core.allJiffies === 0 ? undefined : (idle - core.idleJiffies) / (all - core.allJiffies);
      core.idleJiffies = idle;
      core.allJiffies = all;
      const wanted = share === undefined ? core.watched : share > HARDLY_IDLE && share < HARDLY_BUSY;
      core.watched = enough || (wanted && room >= this.#filesPerCore);
      if (core.watched) room -= this.#filesPerCore;
      else core.close();
      if (wanted && !core.watched) left ??= row;
    }
    // Who found no room is first the next time.
    this.#firstToChoose = left ?? 0;
  }
}
