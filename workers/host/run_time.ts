import { NS_PER_US } from '../../src/base/units.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { readText } from '../files/slow_file.ts';
import { parseUsagePerCpu } from '../parse/cpuacct.ts';
import { parseSchedstat } from '../parse/schedstat.ts';
import type { CpuTimes } from '../parse/stat.ts';
import type { FineSource } from './fine_source.ts';

/** Where the cpuacct controller of control groups v1 is mounted. */
const CPUACCT_FOLDERS = ['cpuacct', 'cpu,cpuacct', 'cpuacct,cpu'];
const MOST_CORES = 4096;
/** /proc/schedstat describes every scheduling domain of every core: of more cores than this it is too long. */
const MOST_SCHEDSTAT_CORES = 16;

type Parse = (path: string, bytes: Uint8Array, length: number, out: Float64Array) => unknown;

/** How long each core has run tasks, from one file with the nanoseconds of all of them. */
class RunTime implements FineSource {
  readonly name: 'cpuacct' | 'schedstat';
  readonly counts = 'run';
  readonly ticks: boolean;
  us = new Float64Array(0);
  cores = 0;
  readonly #file: KernelFile;
  readonly #parse: Parse;
  readonly #byId = new Float64Array(MOST_CORES).fill(Number.NaN);

  constructor(name: 'cpuacct' | 'schedstat', path: string, ticks: boolean, parse: Parse) {
    this.name = name;
    this.ticks = ticks;
    this.#file = new KernelFile(path);
    this.#parse = parse;
  }

  get present(): boolean {
    return this.cores > 0;
  }

  read(_nowNs: number, { coreCount, coreIds }: CpuTimes): void {
    const length = this.#file.read();
    this.#parse(this.#file.path, this.#file.bytes, length, this.#byId);
    if (this.us.length < coreCount) this.us = new Float64Array(coreIds.length);
    let cores = 0;
    for (let row = 0; row < coreCount; row++) {
      const ns = this.#byId[coreIds[row]!] ?? Number.NaN;
      if (!Number.isNaN(ns)) cores++;
      this.us[row] = ns / NS_PER_US;
    }
    this.cores = cores;
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * cpuacct.usage_percpu of the root group, where control groups v1 are mounted. Any other group's counts its own
 * tasks only; the root's is known by a file that no other group has.
 */
export function cpuacct(rootfs: string): FineSource | undefined {
  // The file has no ids: with holes among the possible CPUs nobody knows whose number is whose.
  const possible = readText(`${rootfs}/sys/devices/system/cpu/possible`);
  if (possible === undefined || !/^0(-\d+)?$/.test(possible)) return undefined;
  for (const name of CPUACCT_FOLDERS) {
    const folder = `${rootfs}/sys/fs/cgroup/${name}`;
    if (readText(`${folder}/release_agent`) === undefined) continue;
    return new RunTime('cpuacct', `${folder}/cpuacct.usage_percpu`, true, parseUsagePerCpu);
  }
  return undefined;
}

/** /proc/schedstat, of kernels built with CONFIG_SCHEDSTATS. */
export function schedstat(rootfs: string, times: CpuTimes): FineSource | undefined {
  if (times.coreCount > MOST_SCHEDSTAT_CORES) return undefined;
  return new RunTime('schedstat', `${rootfs}/proc/schedstat`, false, parseSchedstat);
}
