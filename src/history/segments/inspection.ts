import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { InspectionAnswer, InspectionTask } from './inspection_messages.ts';
import type { Segment } from './manifest.ts';

const ENTRY = createRequire(import.meta.url).resolve('#history-inspect');

/** What has not been read by then is not known to be damaged. */
const LONGEST_INSPECTION_MS = 30_000;
/** How long a segment found sound is trusted: raising a suspicion costs the client nothing, so inspecting must not cost much. */
const TRUSTED_FOR_MS = 10 * 60_000;
const MOST_TRUSTED = 100_000;

/**
 * Finds out which segments are damaged, in a process of its own and one inspection after another. An error of a
 * question only raises the suspicion: what it says may be the asker's choice, and what failed may have been the
 * moment, the memory or the disk.
 */
export class Inspector {
  readonly #dataDir: string;
  /** When each was found sound. */
  readonly #trusted = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** The files among these that nobody can read. */
  damagedOf(suspects: readonly Segment[]): Promise<readonly string[]> {
    const result = this.#last.then(() => this.#inspect(suspects));
    this.#last = result.catch(() => {});
    return result;
  }

  async #inspect(suspects: readonly Segment[]): Promise<readonly string[]> {
    const nowMs = performance.now();
    const segments = suspects.filter(
      ({ file }) => nowMs - (this.#trusted.get(file) ?? Number.NEGATIVE_INFINITY) > TRUSTED_FOR_MS,
    );
    if (segments.length === 0) return [];
    const { damaged } = await run({ dataDir: this.#dataDir, segments });
    if (this.#trusted.size > MOST_TRUSTED) this.#trusted.clear();
    for (const { file } of segments) if (!damaged.includes(file)) this.#trusted.set(file, nowMs);
    return damaged;
  }
}

function run(task: InspectionTask): Promise<InspectionAnswer> {
  return new Promise((resolve) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
    const hanging = setTimeout(() => child.kill('SIGKILL'), LONGEST_INSPECTION_MS);
    let answer: InspectionAnswer = { damaged: [] };
    child.once('message', (message: InspectionAnswer) => {
      answer = message;
    });
    const end = (): void => {
      clearTimeout(hanging);
      resolve(answer);
    };
    child.once('error', end);
    child.once('exit', end);
    child.send(task, () => {});
  });
}
