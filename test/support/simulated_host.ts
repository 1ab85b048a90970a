import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SimulatedCore } from './simulated_core.ts';

export interface SimulatedSources {
  /** Idle states per core; 0 for a host without cpuidle. */
  readonly idleStates?: number;
  readonly cpuacct?: boolean;
  readonly schedstat?: boolean;
}

/** The files of a host whose cores do what is known. */
export class SimulatedHost {
  readonly rootfs = mkdtempSync(join(tmpdir(), 'hzstat-simulated-'));
  /** By id; a core that is taken out is offline. */
  readonly cores: Map<number, SimulatedCore>;
  readonly #sources: SimulatedSources;
  readonly #possible: number;

  constructor(cores: readonly SimulatedCore[], sources: SimulatedSources) {
    this.cores = new Map(cores.entries());
    this.#sources = sources;
    this.#possible = cores.length;
    this.#write('proc/loadavg', '0.00 0.00 0.00 1/100 1\n');
    this.#write('sys/devices/system/cpu/possible', `0-${cores.length - 1}\n`);
    if (sources.cpuacct) this.#write('sys/fs/cgroup/cpuacct/release_agent', '\n');
  }

  /** Lets the files show what the host would at this time. */
  at(us: number): void {
    const { idleStates = 0, cpuacct, schedstat } = this.#sources;
    const rows: string[] = [];
    const run: string[] = [];
    const scheduler = ['version 15', 'timestamp 4295148296'];
    let busy = 0;
    let idle = 0;
    let running = 0;
    for (let id = 0; id < this.#possible; id++) {
      const core = this.cores.get(id);
      const folder = `sys/devices/system/cpu/cpu${id}/cpuidle`;
      run.push(String(Math.round((core?.ranUs(us) ?? 0) * 1_000)));
      if (core === undefined) {
        rmSync(join(this.rootfs, folder), { recursive: true, force: true });
        continue;
      }
      if (core.isBusy(us)) running++;
      const busyJiffies = Math.floor(core.busyUs(us) / 1e4);
      const idleJiffies = core.statUs(us) / 1e4;
      busy += busyJiffies;
      idle += idleJiffies;
      rows.push(`cpu${id} ${busyJiffies} 0 0 ${idleJiffies} 0 0 0 0 0 0`);
      scheduler.push(
        `cpu${id} 0 0 9 4 5 5 ${Math.round(core.departedUs(us) * 1_000)} 12 6`,
        'domain0 3 0 0 0',
      );
      // Half of the time in the deepest state, the rest shared out among the others.
      const deepest = Math.ceil(core.residencyUs(us) / 2);
      for (let state = 0; state < idleStates; state++) {
        const rest = core.residencyUs(us) - deepest;
        const share = state === idleStates - 1 ? deepest : Math.floor(rest / (idleStates - 1));
        const left = state === 0 && idleStates > 1 ? rest % (idleStates - 1) : 0;
        this.#write(`${folder}/state${state}/time`, `${share + left}\n`);
      }
    }
    const end = `intr 5 0 1 4\nctxt 1\nprocs_running ${running}\nprocs_blocked 0\nsoftirq 1 1\n`;
    this.#write('proc/stat', `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\n${rows.join('\n')}\n${end}`);
    if (cpuacct) this.#write('sys/fs/cgroup/cpuacct/cpuacct.usage_percpu', `${run.join(' ')} \n`);
    if (schedstat) this.#write('proc/schedstat', `${scheduler.join('\n')}\n`);
  }

  dispose(): void {
    rmSync(this.rootfs, { recursive: true, force: true });
  }

  #write(path: string, content: string): void {
    const file = join(this.rootfs, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
