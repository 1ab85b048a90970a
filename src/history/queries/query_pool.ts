import type { ChildProcess } from 'node:child_process';
import { HzstatError } from '../../base/errors.ts';
import { endedBy, exportPieces } from './query_export.ts';
import type { ExportFormat, FromQuery, QueryTable, QueryTask } from './query_messages.ts';
import { ENGINE_MB, startQueryProcess } from './query_process.ts';
import { SuspiciousFailure } from './suspicious_failure.ts';
import { cancelled, Turns } from './turns.ts';

const MOST_AT_ONCE = 2;
const MOST_WAITING = 32;
/** Exports last as long as their reader takes, so they have turns of their own. */
const MOST_EXPORTS_AT_ONCE = 2;
const MOST_EXPORTS_WAITING = 8;
export const MOST_ROWS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
export const TIMEOUT_MS = 10_000;
/** What an interrupted query may take to end by itself. */
const KILL_AFTER_MS = 2_000;
/** How long a process is kept for the next question; starting one takes a quarter of a second. */
const KEEP_WARM_MS = 60_000;

const LIMITS = {
  mostRows: MOST_ROWS,
  mostBytes: MOST_BYTES,
  timeoutMs: TIMEOUT_MS,
  memoryMb: ENGINE_MB,
};

export type Question = Pick<QueryTask, 'sql' | 'dataDir' | 'segments' | 'moreDirs' | 'ofHosts'>;

/** Hands questions to processes that may be thrown away, a few at a time. */
export class QueryPool {
  readonly #answers = new Turns(MOST_AT_ONCE, MOST_WAITING);
  readonly #exports = new Turns(MOST_EXPORTS_AT_ONCE, MOST_EXPORTS_WAITING);
  #warm: ChildProcess | undefined;
  #cooling: NodeJS.Timeout | undefined;
  readonly #limits: typeof LIMITS;

  /** @param limits other than those for questions of which nobody knows who asks them */
  constructor(limits: Partial<typeof LIMITS> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Asks when it is its turn. The question is completed only then, so that it is answered with what is there then.
   *
   * @throws HzstatError QUERY_* as in {@link ErrorCode}
   */
  async ask(question: () => Promise<Question>, signal?: AbortSignal): Promise<QueryTable> {
    const end = await this.#answers.take(signal);
    try {
      const complete = await question();
      if (signal?.aborted) throw cancelled();
      return await this.#run(complete, signal);
    } finally {
      end();
    }
  }

  /**
   * The same for an answer of any size, in pieces.
   *
   * @throws HzstatError QUERY_*, also in the middle
   */
  async *export(
    question: () => Promise<Question>,
    format: ExportFormat,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const end = await this.#exports.take(signal);
    try {
      yield* exportPieces({ ...(await question()), ...this.#limits, format }, signal);
    } finally {
      end();
    }
  }

  close(): void {
    clearTimeout(this.#cooling);
    this.#warm?.kill('SIGKILL');
    this.#warm = undefined;
  }

  #run(question: Question, signal: AbortSignal | undefined): Promise<QueryTable> {
    const child = this.#take();
    const task: QueryTask = { ...question, ...this.#limits, format: 'json' };
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (finish: () => void, reuse: boolean): void => {
        if (settled) return;
        settled = true;
        clearTimeout(deadline);
        signal?.removeEventListener('abort', cancel);
        child.removeAllListeners('message');
        child.removeAllListeners('exit');
        child.off('error', unreachable);
        if (reuse) this.#keep(child);
        else child.kill('SIGKILL');
        finish();
      };
      const fail = (error: HzstatError): void => settle(() => reject(error), false);
      const cancel = (): void => fail(cancelled());
      const unreachable = (cause: Error): void =>
        fail(
          new HzstatError('QUERY_FAILED', `the query's process cannot be reached: ${cause.message}`, {
            cause,
          }),
        );
      const deadline = setTimeout(() => {
        fail(
          new HzstatError(
            'QUERY_TIMEOUT',
            `the query took longer than ${task.timeoutMs / 1_000} s and was ended`,
          ),
        );
      }, task.timeoutMs + KILL_AFTER_MS);
      signal?.addEventListener('abort', cancel);
      child.on('message', (message: FromQuery) => {
        if (message.type === 'answer') settle(() => resolve(message.table), true);
        else if (message.type === 'error')
          settle(() => reject(SuspiciousFailure.of(message)), message.code === 'QUERY_INVALID');
      });
      child.once('exit', (code, killed) => fail(endedBy(code, killed)));
      child.once('error', unreachable);
      child.send(task);
    });
  }

  #take(): ChildProcess {
    clearTimeout(this.#cooling);
    const warm = this.#warm;
    this.#warm = undefined;
    return warm ?? startQueryProcess(this.#limits.memoryMb);
  }

  #keep(child: ChildProcess): void {
    if (this.#warm !== undefined || !child.connected) {
      child.kill('SIGKILL');
      return;
    }
    this.#warm = child;
    child.once('exit', () => {
      if (this.#warm === child) this.#warm = undefined;
    });
    this.#cooling = setTimeout(() => {
      this.#warm?.kill('SIGKILL');
      this.#warm = undefined;
    }, KEEP_WARM_MS);
  }
}
