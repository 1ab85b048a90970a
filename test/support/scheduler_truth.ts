import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipUnless } from './skip.ts';

const RECORD = ['record', '--all-cpus', '--switch-events', '-e', 'dummy:u', '-k', 'CLOCK_MONOTONIC'];

/** For `test.skipIf`: true, with the reason printed, where perf may not record every change of tasks. */
export const withoutSwitchEvents = skipUnless(
  'perf that may count on whole CPUs',
  spawnSync('perf', [...RECORD, '-o', '/dev/null', '--', 'true']).status === 0,
);

interface Changes {
  readonly ns: number[];
  /** Idle time before each change. */
  readonly idleNs: number[];
  /** Whether the core is idle from then on. */
  readonly idle: boolean[];
}

/** How long a task that was not seen itself is taken to have run. */
const UNSEEN_RUN_NS = 100_000;

function append(changes: Changes, ns: number, idle: boolean): void {
  const wasIdle = changes.idle.at(-1) ?? false;
  changes.idleNs.push((changes.idleNs.at(-1) ?? 0) + (wasIdle ? ns - changes.ns.at(-1)! : 0));
  changes.ns.push(ns);
  changes.idle.push(idle);
}

/**
 * What the cores really did: the scheduler's own record of every change from one task to another, by perf, on the
 * monotonic clock.
 */
export class SchedulerTruth {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hzstat-truth-'));
  readonly #perf: ChildProcess;
  readonly #cores = new Map<number, Changes>();

  private constructor() {
    this.#perf = spawn('perf', [...RECORD, '-m', '512', '-o', this.#file, '--', 'sleep', '600'], {
      stdio: 'ignore',
    });
  }

  get #file(): string {
    return join(this.#folder, 'perf.data');
  }

  static begin(): SchedulerTruth {
    return new SchedulerTruth();
  }

  async end(): Promise<void> {
    const exited = once(this.#perf, 'exit');
    this.#perf.kill('SIGINT');
    await exited;
    const script = spawn('perf', ['script', '-i', this.#file, '--show-switch-events', '--ns'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let rest = '';
    for await (const chunk of script.stdout) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Kills what is still running; for a test that failed before its end. */
  dispose(): void {
    this.#perf.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Share of a stretch of monotonic time in which the core ran a task. */
  busyPercent(core: number, fromNs: number, toNs: number): number {
    return 100 * (1 - (this.#idleNs(core, toNs) - this.#idleNs(core, fromNs)) / (toNs - fromNs));
  }

  /**
   *     node  8874 [001]   943.800045165: PERF_RECORD_SWITCH_CPU_WIDE OUT preempt  next pid/tid:  8870/8872
   *     node  8872 [001]   943.800048610: PERF_RECORD_SWITCH_CPU_WIDE IN           prev pid/tid:  8870/8874
   */
  #take(line: string): void {
    const found =
      /\s(-?\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+): PERF_RECORD_SWITCH_CPU_WIDE (IN|OUT).*pid\/tid:\s+(-?\d+)\//.exec(
        line,
      );
    if (found === null) return;
    const [, task = '', core = '', seconds = '', fraction = '', direction = '', other = ''] = found;
    const ns = Number(seconds) * 1e9 + Number(fraction);
    const running = direction === 'IN' ? task : other;
    let changes = this.#cores.get(Number(core));
    if (changes === undefined) {
      changes = { ns: [], idleNs: [], idle: [] };
      this.#cores.set(Number(core), changes);
    }
    // Some tasks (those of another namespace) are only seen as the one before or after: then a change is missing.
    const was = changes.idle.at(-1);
    if (direction === 'IN' && was !== undefined && was !== (other === '0')) {
      const since = changes.ns.at(-1)!;
      append(changes, was ? Math.max(since, ns - UNSEEN_RUN_NS) : Math.min(ns, since + UNSEEN_RUN_NS), !was);
    }
    append(changes, ns, running === '0');
  }

  #idleNs(core: number, atNs: number): number {
    const { ns, idleNs, idle } = this.#cores.get(core)!;
    let low = 0;
    let high = ns.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (ns[middle]! <= atNs) low = middle;
      else high = middle - 1;
    }
    return idleNs[low]! + (idle[low] ? atNs - ns[low]! : 0);
  }
}
