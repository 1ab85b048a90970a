import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { SOURCES } from '../paths.ts';
import { MeasuredProcess } from './measured_process.ts';

/** Debian's own, for which python3-psutil is packaged; another one may come first on the path. */
const PYTHON = '/usr/bin/python3';

export function hasPsutil(): boolean {
  return spawnSync(PYTHON, ['-c', 'import psutil']).status === 0;
}

/** The control every machine can run: a loop in Python that reads the same with psutil and keeps nothing. */
export class PsutilLoop extends MeasuredProcess {
  readonly #lines: Interface;

  /** Undefined where Debian's python3-psutil is not installed. */
  static async start(hz: number): Promise<PsutilLoop | undefined> {
    if (!hasPsutil()) return undefined;
    const child = spawn(PYTHON, [`${SOURCES}controls/psutil_loop.py`, String(hz)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    return new PsutilLoop(child, lines);
  }

  private constructor(child: MeasuredProcess['child'], lines: Interface) {
    super(child);
    this.#lines = lines;
  }

  /** How often it has read everything so far. */
  async ticks(): Promise<number> {
    const answered = once(this.#lines, 'line');
    this.child.kill('SIGUSR1');
    const [line]: string[] = await answered;
    return Number(line);
  }
}
