import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { MergeAnswer, MergeTask } from './messages.ts';

/** Only its address is known here: it runs in a process of its own. */
const ENTRY = createRequire(import.meta.url).resolve('#history-merge');

/** A merge that takes longer than this hangs; an hour of a thousand snapshots a second takes minutes when idle. */
const LONGEST_MERGE_MS = 45 * 60_000;

/** Merges segments into one per table, in a process that gives way to all others. */
export function mergeInProcess(task: MergeTask, signal: AbortSignal): Promise<MergeAnswer> {
  return new Promise((resolve) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const hanging = setTimeout(() => child.kill('SIGKILL'), LONGEST_MERGE_MS);
    const end = (): boolean => child.kill('SIGKILL');
    signal.addEventListener('abort', end);
    let answer: MergeAnswer | undefined;
    child.once('message', (message: MergeAnswer) => {
      answer = message;
    });
    child.once('error', (error) => resolve({ ok: false, message: error.message }));
    child.once('exit', (code, killed) => {
      clearTimeout(hanging);
      signal.removeEventListener('abort', end);
      resolve(answer ?? { ok: false, message: `the merging process ended with ${killed ?? code}` });
    });
    child.send(task);
  });
}
