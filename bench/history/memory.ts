import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rssBytes } from '../measure/memory.ts';
import { PROGRAMS } from '../paths.ts';
import { MeasuredProcess } from '../processes/measured_process.ts';
import { progress } from '../report/progress.ts';
import type { Recordings } from './recording.ts';

const BYTES_PER_MB = 1e6;
/** Of each recording: a heap full of them would hardly ever be collected, and garbage would look like memory. */
const PLAYED_SNAPSHOTS = 300;

/** What the process that records simulated time is asked for. */
export interface MemoryTask {
  /** Where to record; nothing is recorded without. */
  readonly dataDir: string | undefined;
  /** Snapshots as JSON, one a line, those of the idle machine first. */
  readonly recordings: string;
  readonly idle: number;
  readonly minutes: number;
}

/**
 * Resident memory that recording takes, in megabytes. What the process shares with the one that does not record is in
 * both figures; the engine counts in full, though this benchmark has it loaded, too.
 */
export interface MemoryCost {
  readonly minutes: number;
  /** After that time, above a process that plays the same snapshots and records nothing. */
  readonly above: number;
  /** What it grew by in as much time again. */
  readonly growthAfter: number;
}

/** Records a number of simulated minutes as fast as they can be sealed, and the same number again. */
export async function measureMemory(
  directory: string,
  recordings: Recordings,
  minutes: number,
): Promise<MemoryCost> {
  progress(`memory over ${2 * minutes} simulated minutes`);
  const path = join(directory, `memory-${process.pid}.jsonl`);
  const dataDir = join(directory, `memory-${process.pid}`);
  const idle = recordings.idle.slice(0, PLAYED_SNAPSHOTS);
  const played = [...idle, ...recordings.busy.slice(0, PLAYED_SNAPSHOTS)];
  writeFileSync(path, played.map((snapshot) => `${JSON.stringify(snapshot)}\n`).join(''));
  try {
    const task = { recordings: path, idle: idle.length, minutes: 2 * minutes };
    const control = await play({ ...task, dataDir: undefined });
    const recording = await play({ ...task, dataDir });
    const atHalf = at(recording, minutes);
    return {
      minutes,
      above: (atHalf - at(control, minutes)) / BYTES_PER_MB,
      growthAfter: (at(recording, 2 * minutes) - atHalf) / BYTES_PER_MB,
    };
  } finally {
    rmSync(path);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A single reading depends on when garbage was collected last, so it is the least of a few. */
function at(bytes: readonly number[], minutes: number): number {
  return Math.min(...bytes.slice(Math.max(0, minutes - 5), minutes));
}

/** Memory after each simulated minute. */
async function play(task: MemoryTask): Promise<number[]> {
  const child = new MeasuredProcess(fork(`${PROGRAMS}history/memory_program.js`));
  const bytes: number[] = [];
  child.child.on('message', () => {
    bytes.push(rssBytes(child.pid) ?? Number.NaN);
    child.child.send('go on');
  });
  const exited = once(child.child, 'exit');
  child.child.send(task);
  const [code] = await exited;
  if (code !== 0) throw new Error(`the process that records simulated time ended with ${code}`);
  return bytes;
}
