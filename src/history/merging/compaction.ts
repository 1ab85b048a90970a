import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { CompactionAnswer, CompactionTask } from './messages.ts';

/** Only its address is known here: it runs in a process of its own. */
const ENTRY = createRequire(import.meta.url).resolve('#history-compact');

/** Compaction that takes longer than this hangs; an hour of a thousand snapshots a second takes minutes when idle. */
const LONGEST_COMPACTION_MS = 45 * 60_000;

/** Merges segments into one per table, in a process that gives way to all others. */
export function compact(task: CompactionTask, signal: AbortSignal): Promise<CompactionAnswer> {
  return new Promise((resolve) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const hanging = setTimeout(() => child.kill('SIGKILL'), LONGEST_COMPACTION_MS);
    const end = (): boolean => child.kill('SIGKILL');
    signal.addEventListener('abort', end);
    let answer: CompactionAnswer | undefined;
    child.once('message', (message: CompactionAnswer) => {
      answer = message;
    });
    child.once('error', (error) => resolve({ ok: false, message: error.message }));
    child.once('exit', (code, killed) => {
      clearTimeout(hanging);
      signal.removeEventListener('abort', end);
      resolve(answer ?? { ok: false, message: `the compacting process ended with ${killed ?? code}` });
    });
    child.send(task);
  });
}
