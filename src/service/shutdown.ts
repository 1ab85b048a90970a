import { within } from '../base/within.ts';

/**
 * When somebody interrupts: puts things in order and ends by that signal. Exit handlers would wait for the engine of
 * history, which may be waiting for rows nobody hands over any more.
 */
export function endWhenInterrupted(tidy: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      tidy();
      endBy(signal);
    });
  }
}

/** What cannot be stopped in this time (a read that hangs in the kernel) ends with the process. */
const LONGEST_SHUTDOWN_MS = 900;

/** Stops what samples and tells whether nothing of it is left. */
export function stoppedInTime(sampler: { stop(): Promise<void> }): Promise<boolean> {
  return within(LONGEST_SHUTDOWN_MS, sampler.stop());
}

/**
 * Ends the process, whose exit handlers would wait endlessly for a thread that hangs in the kernel.
 *
 * @param say is told that one does
 */
export function leave(nothingHangs: boolean, say = sayPlainly): void {
  if (nothingHangs) process.exit(0);
  say('a read hangs in the kernel (a dead mount?); leaving without it');
  endBy('SIGTERM');
}

function sayPlainly(message: string): void {
  process.stderr.write(`${message}\n`);
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
