import { COLUMNS, CpuTimes, IDLE, KINDS } from '../parse/stat.ts';
import { CpuGrowth, HOTPLUG_IDLE_DROP } from './cpu_growth.ts';

export const JIFFIES_PER_SECOND = 100;

/**
 * CPU time by kind since boot, as counters that never go down and that no jump gets into: they begin where
 * /proc/stat stands at the first reading, and from then on take what {@link CpuGrowth} believes. A kind that the
 * kernel lets go backwards (idle, iowait) stands still until it is where it was.
 */
export class CpuSeconds {
  /** The highest a kind stood so far; what the next reading is compared with. */
  readonly #highest = new CpuTimes();
  readonly #growth = new CpuGrowth();
  readonly #total = new Float64Array(KINDS);
  /** By id of the core. A core that is offline keeps its time for when it comes back. */
  readonly #cores = new Map<number, Float64Array>();
  #previousNs: number | undefined;

  /** Takes in a reading. */
  advance(nowNs: number, times: CpuTimes): void {
    if (this.#previousNs === undefined) this.#total.set(times.total.subarray(0, KINDS));
    else {
      const { deltas } = this.#growth.between(this.#highest, times, nowNs - this.#previousNs);
      for (let kind = 0; kind < KINDS; kind++) this.#total[kind]! += deltas[kind]!;
    }
    for (let row = 0; row < times.coreCount; row++) {
      const core = this.#cores.get(times.coreIds[row]!);
      if (core !== undefined) this.#growth.addTo(core, row);
      else {
        const at = row * COLUMNS;
        this.#cores.set(times.coreIds[row]!, times.cores.slice(at, at + KINDS));
      }
    }
    this.#previousNs = nowNs;
    this.#remember(times);
  }

  /** Of all cores together. */
  total(kind: number): number {
    return this.#total[kind]! / JIFFIES_PER_SECOND;
  }

  /** Of a core, by kind, as the kernel counts; undefined for one that was never there. */
  jiffiesOfCore(id: number): Float64Array | undefined {
    return this.#cores.get(id);
  }

  #remember(times: CpuTimes): void {
    const highest = this.#highest;
    if (!haveSameCores(highest, times)) {
      highest.coreCount = 0;
      for (let row = 0; row < times.coreCount; row++) highest.addCore(times.coreIds[row]!);
      highest.cores.set(times.cores.subarray(0, times.coreCount * COLUMNS));
      highest.total.set(times.total);
      return;
    }
    rise(highest.total, times.total, 0);
    for (let row = 0; row < times.coreCount; row++) rise(highest.cores, times.cores, row * COLUMNS);
  }
}

function haveSameCores(one: CpuTimes, other: CpuTimes): boolean {
  if (one.coreCount !== other.coreCount) return false;
  for (let row = 0; row < one.coreCount; row++) if (one.coreIds[row] !== other.coreIds[row]) return false;
  return true;
}

/** Takes what is higher, or everything where counting began anew. */
function rise(highest: Float64Array, reading: Float64Array, at: number): void {
  const isAnew = highest[at + IDLE]! - reading[at + IDLE]! >= HOTPLUG_IDLE_DROP;
  for (let kind = at; kind < at + KINDS; kind++) {
    if (isAnew || reading[kind]! > highest[kind]!) highest[kind] = reading[kind]!;
  }
}
