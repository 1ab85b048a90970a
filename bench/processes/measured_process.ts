import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { descendantsOf } from '../measure/process_stat.ts';

/** A process under measurement, which can be held while another one has its turn. */
export class MeasuredProcess {
  readonly child: ChildProcess;

  constructor(child: ChildProcess) {
    this.child = child;
    MeasuredProcess.#all.add(this);
    child.once('exit', () => MeasuredProcess.#all.delete(this));
  }

  static readonly #all = new Set<MeasuredProcess>();

  /** Ends whatever still runs: nothing outlives the benchmark, however it ends. */
  static killAll(): void {
    for (const measured of MeasuredProcess.#all) {
      measured.resume();
      measured.child.kill('SIGKILL');
    }
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error(`${this.child.spawnfile} did not start`);
    return pid;
  }

  /** Stops the process and what it started, where they stand. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** Ends it in the way a user would. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.resume();
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of [this.pid, ...descendantsOf(this.pid)]) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended since it was listed.
      }
    }
  }
}
