import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage, HzstatError } from '../base/errors.ts';
import { MS_PER_SECOND } from '../base/units.ts';
import type { IncidentReport } from '../model/incidents/incident.ts';
import type { Phase } from './messages.ts';

/** What a program may take with one incident. */
const LONGEST_RUN_MS = 30 * MS_PER_SECOND;
/** What has waited for so long is news no more. */
const LONGEST_WAIT_MS = 60 * MS_PER_SECOND;

interface Call {
  readonly text: string;
  readonly askedMs: number;
}

/**
 * Tells a program of the user's about incidents: run without arguments and without a shell, one at a time, the
 * incident as JSON on its standard input.
 */
export class Hook {
  readonly #program: string;
  readonly #waiting: Call[] = [];
  readonly #onDropped: () => void;
  readonly #say: (message: string) => void;
  #isRunning = false;
  /** Calls that came to nothing because those before took too long. */
  dropped = 0;

  /** @param say tells people what went wrong with a call */
  constructor(program: string, onDropped: () => void, say: (message: string) => void) {
    this.#program = program;
    this.#say = say;
    this.#onDropped = onDropped;
  }

  call(phase: Phase, report: IncidentReport): void {
    this.#waiting.push({ text: JSON.stringify({ phase, ...report }), askedMs: performance.now() });
    this.#next();
  }

  #next(): void {
    if (this.#isRunning) return;
    const call = this.#waiting.shift();
    if (call === undefined) return;
    if (performance.now() - call.askedMs > LONGEST_WAIT_MS) {
      this.dropped++;
      this.#onDropped();
      this.#next();
      return;
    }
    this.#isRunning = true;
    void run(this.#program, call.text).then((trouble) => {
      if (trouble !== undefined) this.#say(`${this.#program} ${trouble}`);
      this.#isRunning = false;
      this.#next();
    });
  }
}

/** Resolves when the program has ended; with what was wrong if it did not end well. */
function run(program: string, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, [], {
      stdio: ['pipe', 'ignore', 'inherit'],
      timeout: LONGEST_RUN_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', (error) => resolve(`cannot be run: ${errorMessage(error)}`));
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('took too long and was ended');
      else resolve(code === 0 ? undefined : `ended with ${code ?? signal}`);
    });
    // It may not want to know.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}

/** The whole path of a program, which must be one that can be run. @throws HzstatError BAD_FLAG */
export function requireProgram(text: string): string {
  const path = resolve(text);
  try {
    if (!statSync(path).isFile()) throw new Error('it is no file');
    accessSync(path, constants.X_OK);
  } catch (cause) {
    const message = `${path} cannot be run on incidents (${errorMessage(cause)}): give the path of a program, without arguments`;
    throw new HzstatError('BAD_FLAG', message, { cause });
  }
  return path;
}
