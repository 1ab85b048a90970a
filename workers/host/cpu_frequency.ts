import { NS_PER_SECOND } from '../../src/base/units.ts';
import { listNames, readInteger, readText } from '../files/slow_file.ts';
import { parseCpuinfoMhz } from '../parse/cpuinfo.ts';

/** Asking for a frequency may interrupt the core it is asked of, so not more often than this. */
const CPUFREQ_PACE_NS = NS_PER_SECOND;
/** Printing /proc/cpuinfo is slow and, where there is no cpufreq, tells the same each time. */
const CPUINFO_PACE_NS = 10 * NS_PER_SECOND;
const KHZ_PER_MHZ = 1_000;

/** The mean clock of the online cores in MHz: from cpufreq, else from /proc/cpuinfo, else null. */
export class CpuFrequency {
  #mhz: number | null = null;
  #dueNs = 0;
  readonly #cpuDirectory: string;
  readonly #cpuinfo: string;

  constructor(rootfs: string) {
    this.#cpuDirectory = `${rootfs}/sys/devices/system/cpu`;
    this.#cpuinfo = `${rootfs}/proc/cpuinfo`;
  }

  /** The latest value, refreshed when it is old. */
  read(nowNs: number): number | null {
    if (nowNs < this.#dueNs) return this.#mhz;
    const scaled = this.#fromPolicies() ?? this.#fromCores();
    this.#dueNs = nowNs + (scaled === undefined ? CPUINFO_PACE_NS : CPUFREQ_PACE_NS);
    this.#mhz = scaled ?? parseCpuinfoMhz(readText(this.#cpuinfo) ?? '') ?? null;
    return this.#mhz;
  }

  /** A policy sets the clock of one or more CPUs; `affected_cpus` names those that are online. */
  #fromPolicies(): number | undefined {
    const directory = `${this.#cpuDirectory}/cpufreq`;
    let sum = 0;
    let cpus = 0;
    for (const name of listNames(directory)) {
      if (!name.startsWith('policy')) continue;
      const khz = currentKhz(`${directory}/${name}`);
      const affected =
        readText(`${directory}/${name}/affected_cpus`)?.split(/\s+/).filter(Boolean).length ?? 1;
      if (khz === undefined) continue;
      sum += khz * affected;
      cpus += affected;
    }
    return cpus === 0 ? undefined : sum / cpus / KHZ_PER_MHZ;
  }

  /** Kernels before 4.3 have a directory per CPU instead of per policy. */
  #fromCores(): number | undefined {
    let sum = 0;
    let cpus = 0;
    for (const name of listNames(this.#cpuDirectory)) {
      if (!/^cpu\d+$/.test(name)) continue;
      if (readText(`${this.#cpuDirectory}/${name}/online`) === '0') continue;
      const khz = currentKhz(`${this.#cpuDirectory}/${name}/cpufreq`);
      if (khz === undefined) continue;
      sum += khz;
      cpus++;
    }
    return cpus === 0 ? undefined : sum / cpus / KHZ_PER_MHZ;
  }
}

function currentKhz(directory: string): number | undefined {
  const khz = readInteger(`${directory}/scaling_cur_freq`) ?? readInteger(`${directory}/cpuinfo_cur_freq`);
  return khz !== undefined && khz > 0 ? khz : undefined;
}
