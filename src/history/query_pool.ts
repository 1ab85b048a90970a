import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HzstatError } from '../shared/errors.ts';
import type { FromQuery, QueryAnswer, QueryTask } from './query_messages.ts';

const ENTRY = createRequire(import.meta.url).resolve('#history-query');

const MOST_AT_ONCE = 2;
const MOST_WAITING = 32;
export const MOST_ROWS = 10_000;
export const TIMEOUT_MS = 10_000;
/** What an interrupted query may take to end by itself. */
const KILL_AFTER_MS = 2_000;
/** How long a process is kept for the next question; starting one takes a quarter of a second. */
const KEEP_WARM_MS = 60_000;
/** Memory that is not the engine's own (a string of 3 GB) is bounded by the kernel: RLIMIT_DATA, in KiB. */
const DATA_LIMIT_KIB = 900_000;

export type Question = Pick<QueryTask, 'sql' | 'format' | 'dataDir' | 'segments' | 'moreDirs'>;

/** Some segments cannot be read; whoever owns them sets them aside and asks again. */
export class DamagedSegments extends HzstatError {
  readonly files: readonly string[];

  constructor(files: readonly string[]) {
    super('QUERY_FAILED', `segments are damaged and were left out: ${files.join(', ')}`);
    this.files = files;
  }
}

/** Hands questions to processes that may be thrown away, a few at a time. */
export class QueryPool {
  /** Where answers are written that are files; there only once somebody has asked. */
  #scratchDir: string | undefined;
  readonly #turns: (() => void)[] = [];
  #running = 0;
  #warm: ChildProcess | undefined;
  #cooling: NodeJS.Timeout | undefined;

  /**
   * Asks when it is its turn. The question is completed only then, so that it is answered with what is there then.
   *
   * @throws HzstatError QUERY_* as in {@link ErrorCode}
   */
  async ask(question: () => Promise<Question>, signal?: AbortSignal): Promise<QueryAnswer> {
    await this.#turn(signal);
    try {
      const complete = await question();
      if (signal?.aborted) throw cancelled();
      return await this.#run(complete, signal);
    } finally {
      this.#running--;
      this.#turns.shift()?.();
    }
  }

  close(): void {
    clearTimeout(this.#cooling);
    this.#warm?.kill('SIGKILL');
    this.#warm = undefined;
    if (this.#scratchDir !== undefined) rmSync(this.#scratchDir, { recursive: true, force: true });
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#running >= MOST_AT_ONCE) {
      if (this.#turns.length >= MOST_WAITING) {
        throw new HzstatError('TOO_MANY_QUERIES', 'too many queries wait already; try again later');
      }
      await new Promise<void>((resolve, reject) => {
        this.#turns.push(resolve);
        // Whoever has gone leaves the queue at once, and its place to others.
        signal?.addEventListener('abort', () => {
          const place = this.#turns.indexOf(resolve);
          if (place < 0) return;
          this.#turns.splice(place, 1);
          reject(cancelled());
        });
      });
    }
    this.#running++;
    if (!signal?.aborted) return;
    this.#running--;
    this.#turns.shift()?.();
    throw cancelled();
  }

  #run(question: Question, signal: AbortSignal | undefined): Promise<QueryAnswer> {
    this.#scratchDir ??= mkdtempSync(join(tmpdir(), 'hzstat-query-'));
    const child = this.#take();
    const task: QueryTask = {
      ...question,
      scratchDir: this.#scratchDir,
      mostRows: MOST_ROWS,
      timeoutMs: TIMEOUT_MS,
    };
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (finish: () => void, reuse: boolean): void => {
        if (settled) return;
        settled = true;
        clearTimeout(deadline);
        signal?.removeEventListener('abort', cancel);
        child.removeAllListeners('message');
        child.removeAllListeners('exit');
        if (reuse) this.#keep(child);
        else child.kill('SIGKILL');
        finish();
      };
      const fail = (error: HzstatError): void => settle(() => reject(error), false);
      const cancel = (): void => fail(cancelled());
      const deadline = setTimeout(() => {
        fail(
          new HzstatError(
            'QUERY_TIMEOUT',
            `the query took longer than ${TIMEOUT_MS / 1_000} s and was ended`,
          ),
        );
      }, TIMEOUT_MS + KILL_AFTER_MS);
      signal?.addEventListener('abort', cancel);
      child.on('message', (message: FromQuery) => {
        if (message.type === 'answer') settle(() => resolve(message.answer), true);
        else if (message.type === 'damaged') settle(() => reject(new DamagedSegments(message.files)), true);
        else if (message.type === 'error') {
          const { code, message: text } = message;
          settle(() => reject(new HzstatError(code, text)), code === 'QUERY_INVALID');
        }
      });
      child.once('exit', (code, killed) => {
        const advice = 'it asked for more than a query may have: ask for less time or use the rollups';
        fail(
          new HzstatError('QUERY_OUT_OF_MEMORY', `the query's process ended (${killed ?? code}); ${advice}`),
        );
      });
      child.send(task);
    });
  }

  #take(): ChildProcess {
    clearTimeout(this.#cooling);
    const warm = this.#warm;
    this.#warm = undefined;
    return warm ?? start();
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

/** A query process with bounded memory and a lower priority; it ends when we do, its channel being closed then. */
function start(): ChildProcess {
  const command = `ulimit -d ${DATA_LIMIT_KIB}; exec nice -n 10 "$0" --max-old-space-size=256 "$1"`;
  return spawn('sh', ['-c', command, process.execPath, ENTRY], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}

function cancelled(): HzstatError {
  return new HzstatError('QUERY_CANCELLED', 'the query was cancelled');
}
