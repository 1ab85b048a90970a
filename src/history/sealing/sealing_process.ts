import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Answer, Sealed, SealTask, Task } from './messages.ts';

/** Only its address is known here: it runs in a process of its own. */
const ENTRY = createRequire(import.meta.url).resolve('#history-seal');

/** Sealing that takes longer than this hangs. */
const LONGEST_SEAL_MS = 120_000;
/** How long a process is kept for the next journal; starting one takes a third of a second of CPU. */
const KEEP_WARM_MS = 30_000;

/**
 * Makes segments of journals, and counts what is in them, in a process that is started when there is work and kept
 * while there is more. One task at a time.
 */
export class SealingProcess {
  #child: ChildProcess | undefined;
  #cooling: NodeJS.Timeout | undefined;

  /** Seals a journal. @throws Error with what the disk or the engine says, or how the process ended */
  async seal(task: Omit<SealTask, 'type'>): Promise<Sealed> {
    const answer = await this.#carryOut({ type: 'seal', ...task });
    if (answer.type !== 'sealed') throw failureOf(answer);
    return answer;
  }

  /** Asks for one number. @throws Error with what the engine says, or how the process ended */
  async count(sql: string): Promise<number> {
    const answer = await this.#carryOut({ type: 'count', sql });
    if (answer.type !== 'counted') throw failureOf(answer);
    return answer.count;
  }

  /** Ends the process; the next journal begins another. */
  close(): void {
    clearTimeout(this.#cooling);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #carryOut(task: Task): Promise<Answer> {
    clearTimeout(this.#cooling);
    const answer = await this.#ask(task);
    if (this.#child !== undefined) {
      this.#cooling = setTimeout(() => this.close(), KEEP_WARM_MS);
      this.#cooling.unref();
    }
    return answer;
  }

  #ask(task: Task): Promise<Answer> {
    this.#child ??= this.#start();
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        clearTimeout(hanging);
        child.removeAllListeners('message');
        child.off('exit', ended);
        child.off('error', failed);
        resolve(answer);
      };
      const ended = (code: number | null, signal: string | null): void =>
        settle({ type: 'failed', message: `the sealing process ended with ${signal ?? code}` });
      const failed = (error: Error): void => {
        this.close();
        settle({ type: 'failed', message: `the sealing process cannot be reached: ${error.message}` });
      };
      const hanging = setTimeout(() => child.kill('SIGKILL'), LONGEST_SEAL_MS);
      child.once('message', settle);
      child.once('exit', ended);
      child.once('error', failed);
      child.send(task, (error) => {
        if (error !== null) failed(error);
      });
    });
  }

  #start(): ChildProcess {
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    // A seal under way gets the error; without one, it must not end this thread.
    child.on('error', () => {});
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }
}

function failureOf(answer: Answer): Error {
  return new Error(answer.type === 'failed' ? answer.message : 'the sealing process answers something else');
}
