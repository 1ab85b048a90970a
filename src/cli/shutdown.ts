/** What cannot be stopped in this time (a read that hangs in the kernel) ends with the process. */
const LONGEST_SHUTDOWN_MS = 900;

/** Stops what samples and tells whether nothing of it is left. */
export function stoppedInTime(sampler: { stop(): Promise<void> }): Promise<boolean> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => resolve(false), LONGEST_SHUTDOWN_MS);
    void sampler.stop().then(() => {
      clearTimeout(impatience);
      resolve(true);
    });
  });
}

/** Ends the process, whose exit handlers would wait for ever for a thread that hangs in the kernel. */
export function leave(nothingHangs: boolean): void {
  if (nothingHangs) process.exit(0);
  process.stderr.write('a read hangs in the kernel (a dead mount?); leaving without it\n');
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
