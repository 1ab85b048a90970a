import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSamplingThread, isThreadName, threadName } from '../base/thread_name.ts';
import { NS_PER_MS } from '../base/units.ts';

/** How many times a nameless thread is looked at again: threads name themselves after they start. */
const LOOKS_UNTIL_NAMED = 5;
/** So many requests at once reach every thread of the runtime's pool. */
const REQUESTS_TO_POOL = 64;

interface Thread {
  name: string;
  looks: number;
  cpuNs: number;
}

/**
 * CPU of this process's own threads: the collectors', the one that writes history, and the runtime's pool, in which
 * file systems are asked. Threads nobody named (main, and those of V8) are left out, and those that do
 * other work.
 */
export class ThreadTimes {
  readonly #tasks: string;
  readonly #threads = new Map<string, Thread>();

  constructor(tasks = '/proc/self/task') {
    this.#tasks = tasks;
  }

  /** Gives the threads of the runtime's pool a name: only from within can they be told from the others. */
  async namePool(): Promise<void> {
    const asked = Array.from({ length: REQUESTS_TO_POOL }, () => readlink('/proc/thread-self'));
    const ids = new Set((await Promise.all(asked)).map((path) => basename(path)));
    for (const id of ids) writeFileSync(join(this.#tasks, id, 'comm'), threadName('pool'));
  }

  /**
   * CPU that named threads used since the last call, in nanoseconds; undefined where the kernel does not tell. The
   * first call counts from the start of each thread.
   */
  takeNs(): number | undefined {
    let ids: string[];
    try {
      ids = readdirSync(this.#tasks);
    } catch {
      return undefined;
    }
    let usedNs = 0;
    for (const id of ids) {
      const thread = this.#look(id);
      if (thread === undefined || !isSamplingThread(thread.name)) continue;
      const cpuNs = this.#cpuNs(id);
      if (cpuNs === undefined) return undefined;
      usedNs += Math.max(0, cpuNs - thread.cpuNs);
      thread.cpuNs = cpuNs;
    }
    if (this.#threads.size > ids.length) this.#forgetAllBut(new Set(ids));
    return usedNs;
  }

  #look(id: string): Thread | undefined {
    const known = this.#threads.get(id);
    if (known !== undefined && (isThreadName(known.name) || known.looks >= LOOKS_UNTIL_NAMED)) return known;
    const name = this.#read(id, 'comm')?.trimEnd();
    if (name === undefined) return undefined;
    const thread = known ?? { name, looks: 0, cpuNs: 0 };
    thread.name = name;
    thread.looks++;
    this.#threads.set(id, thread);
    return thread;
  }

  /** From schedstat, to the nanosecond; the kernel may be built without. Then from stat, to the jiffy. */
  #cpuNs(id: string): number | undefined {
    const [run] = (this.#read(id, 'schedstat') ?? '').split(' ', 1);
    if (run !== undefined && /^\d+$/.test(run)) return Number(run);
    const stat = this.#read(id, 'stat');
    if (stat === undefined) return 0;
    // The name may hold anything; the fields behind it are counted from its closing parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const jiffies = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(jiffies) ? jiffies * NS_PER_JIFFY : undefined;
  }

  #read(id: string, file: string): string | undefined {
    try {
      return readFileSync(join(this.#tasks, id, file), 'latin1');
    } catch {
      // The thread ended in the meantime.
      return undefined;
    }
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#threads.keys()) if (!ids.has(id)) this.#threads.delete(id);
  }
}

/** USER_HZ, which is 100 wherever Linux runs a Node. */
const NS_PER_JIFFY = 10 * NS_PER_MS;
