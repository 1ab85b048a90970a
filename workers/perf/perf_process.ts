import { type ChildProcess, spawn } from 'node:child_process';
import { FORMAT_OPTIONS, type PerfFormat } from '../parse/perf_stat.ts';
import { PassedFile } from './passed_file.ts';

const MOST_STDERR = 8_192;
/** A perf that has not ended by then although its input has does not react. */
const LONGEST_END_MS = 1_000;
/** perf's data comes on a descriptor of its own, so that it cannot be mixed up with what it complains about. */
const DATA_FD = 3;

export interface PerfRun {
  readonly format: PerfFormat;
  /** `all`, or a list of CPUs. */
  readonly cpus: string;
  readonly events: readonly string[];
  /** Interval between prints, for as long as this process lives; undefined prints once, immediately. */
  readonly intervalMs: number | undefined;
}

/** How a perf process ended. */
export interface PerfEnd {
  /** `exit code 1`, `killed by SIGKILL`, or the error code of a perf that could not be started. */
  readonly ending: string;
  readonly stderr: string;
}

/**
 * One `perf stat`. It counts while a tiny program runs, `cat`, whose input is a pipe that only we hold: however
 * our process ends, cat finds the end of its input, ends, and perf with it. If perf itself is killed, the pipe is
 * closed here and cat goes too.
 */
export class PerfProcess {
  readonly ended: Promise<PerfEnd>;
  readonly #child: ChildProcess;
  readonly #data = new PassedFile();
  #isOver = false;
  #impatience: NodeJS.Timeout | undefined;

  constructor(run: PerfRun) {
    const child = spawn('perf', commandLine(run), {
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'pipe', this.#data.fd],
      // Ctrl-C in the terminal is for us to deal with.
      detached: true,
    });
    this.#child = child;
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, MOST_STDERR);
    });
    // Writing to a pipe whose reader has gone is no news: `exit` tells.
    child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        resolve({ ending: error.code ?? error.message, stderr });
      });
      child.once('exit', () => {
        this.#isOver = true;
        clearTimeout(this.#impatience);
        child.stdin?.destroy();
      });
      child.once('close', (code, signal) => {
        resolve({ ending: signal === null ? `exit code ${code}` : `killed by ${signal}`, stderr });
      });
    });
  }

  /** What perf has printed since the last call. */
  read(): string {
    return this.#data.read();
  }

  /** Releases the file of a perf that has ended. */
  close(): void {
    this.#data.close();
  }

  /** Lets perf end by itself, which prints what it counted last; one that does not is ended. */
  stop(): void {
    this.#child.stdin?.destroy();
    if (!this.#isOver) this.#impatience ??= setTimeout(() => this.kill(), LONGEST_END_MS);
  }

  /** Ends perf and whatever it has started at once, whether it reacts or not. */
  kill(): void {
    clearTimeout(this.#impatience);
    this.#child.stdin?.destroy();
    if (this.#isOver || this.#child.pid === undefined) return;
    try {
      // It leads a process group of its own.
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }
}

function commandLine({ format, cpus, events, intervalMs }: PerfRun): string[] {
  const interval = intervalMs === undefined ? [] : ['-I', String(intervalMs)];
  const where = cpus === 'all' ? ['-a'] : ['-C', cpus];
  const workload = intervalMs === undefined ? 'true' : 'cat';
  return [
    'stat',
    ...interval,
    ...FORMAT_OPTIONS[format],
    '--log-fd',
    String(DATA_FD),
    ...where,
    '-e',
    events.join(','),
    '--',
    workload,
  ];
}
