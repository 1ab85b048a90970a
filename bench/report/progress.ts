const startedMs = performance.now();

/** One line on stderr, with the time since the start, so that nobody wonders whether anything happens. */
export function progress(text: string): void {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
}
