import { constants, openSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HzstatError } from '../../base/errors.ts';
import type { ExportFormat, FromQuery, QueryTask } from './query_messages.ts';
import { startQueryProcess } from './query_process.ts';
import { SuspiciousFailure } from './suspicious_failure.ts';
import { cancelled } from './turns.ts';

/**
 * The whole answer to a question as CSV, Parquet or NDJSON, in pieces, as fast as they are taken: the engine writes into a
 * named pipe, which holds it back (back-pressure), so that an answer of any size takes no more memory than a small one.
 *
 * @throws HzstatError QUERY_*; behind the first pieces that means that the rest is missing
 */
export async function* exportPieces(
  question: Omit<QueryTask, 'scratchDir'> & { readonly format: ExportFormat },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const scratchDir = await mkdtemp(join(tmpdir(), `hzstat-export-${process.pid}-`));
  const child = startQueryProcess(question.memoryMb);
  const end = (): boolean => child.kill('SIGKILL');
  // A reader that has seen enough may end this process in the middle.
  const tidy = (): void => {
    end();
    rmSync(scratchDir, { recursive: true, force: true });
  };
  process.once('exit', tidy);
  signal?.addEventListener('abort', end);
  try {
    const said = new Conversation();
    child.on('message', (message: FromQuery) => said.hear(message));
    child.once('exit', (code, killed) => said.end(endedBy(code, killed)));
    child.once('error', (cause) =>
      said.end(new HzstatError('QUERY_FAILED', `the query's process cannot be reached: ${cause.message}`)),
    );
    child.send({ ...question, scratchDir } satisfies QueryTask, () => {});
    const first = await said.next();
    if (signal?.aborted) throw cancelled();
    if (first.type !== 'writing') throw new HzstatError('QUERY_FAILED', 'the query has answered out of turn');
    const fd = openSync(first.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const pipe = new Socket({ fd, readable: true, writable: false });
    for await (const piece of pipe as AsyncIterable<Uint8Array>) yield piece;
    if (signal?.aborted) throw cancelled();
    // The pipe ends with an answer that is complete, and with any other.
    await said.next();
  } finally {
    signal?.removeEventListener('abort', end);
    child.removeAllListeners('exit');
    process.off('exit', tidy);
    tidy();
  }
}

/** What a query process says, one thing after another. */
class Conversation {
  readonly #said: FromQuery[] = [];
  #failure: HzstatError | undefined;
  #wake = (): void => {};

  hear(message: FromQuery): void {
    if (message.type === 'ready') return;
    this.#said.push(message);
    this.#wake();
  }

  end(failure: HzstatError): void {
    this.#failure ??= failure;
    this.#wake();
  }

  /** @throws HzstatError what it says went wrong, or that it has ended */
  async next(): Promise<FromQuery> {
    for (;;) {
      const message = this.#said.shift();
      if (message?.type === 'error') throw SuspiciousFailure.of(message);
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A query's process that ended without an answer took more than it may have. */
export function endedBy(code: number | null, killed: NodeJS.Signals | null): HzstatError {
  const advice = 'it asked for more than a query may have: ask for less time or use the rollups';
  return new HzstatError('QUERY_OUT_OF_MEMORY', `the query's process ended (${killed ?? code}); ${advice}`);
}
