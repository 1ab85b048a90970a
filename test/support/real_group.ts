import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const TREES = ['cpuacct', 'cpu', 'cpu,cpuacct', 'memory', 'unified', '.'] as const;
const LONGEST_REMOVAL_MS = 2_000;
let made = 0;

/** A control group of this host, in every tree it can be made in. */
export class RealGroup {
  readonly name = `hzt-${process.pid}-${++made}.service`;
  readonly #folders: readonly string[];

  private constructor() {
    const roots = TREES.map((tree) => `/sys/fs/cgroup/${tree}`).filter((root) =>
      existsSync(`${root}/cgroup.procs`),
    );
    this.#folders = [...new Set(roots)].flatMap((root) => {
      const folder = `${root}/${this.name}`;
      try {
        mkdirSync(folder);
        return [folder];
      } catch {
        return [];
      }
    });
  }

  /** Undefined where none can be made that accounts CPU time. */
  static make(): RealGroup | undefined {
    const group = new RealGroup();
    if (group.#placeOf('cpuacct.usage') !== undefined || group.#placeOf('cpu.stat') !== undefined)
      return group;
    for (const folder of group.#folders) rmdirSync(folder);
    return undefined;
  }

  /** Whether a file of it can be written. */
  has(file: string): boolean {
    return this.#placeOf(file) !== undefined;
  }

  write(file: string, content: string): void {
    writeFileSync(this.#placeOf(file)!, content);
  }

  read(file: string): string {
    return readFileSync(this.#placeOf(file)!, 'latin1');
  }

  /** Lines of a shell that move it, and what it executes, into the group. */
  get joining(): string {
    return this.#folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join('; ');
  }

  /** Removes it as soon as its last process is gone. */
  async remove(): Promise<void> {
    const deadline = Date.now() + LONGEST_REMOVAL_MS;
    for (const folder of this.#folders) {
      for (;;) {
        try {
          rmdirSync(folder);
          break;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await delay(20);
        }
      }
    }
  }

  #placeOf(file: string): string | undefined {
    return this.#folders.map((folder) => `${folder}/${file}`).find((path) => existsSync(path));
  }
}
