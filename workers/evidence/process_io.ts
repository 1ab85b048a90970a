/** What a process has read from and written to storage, as /proc/PID/io counts it. */
export interface ProcessIo {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** Undefined for what has not both counters. */
export function parseProcessIo(text: string): ProcessIo | undefined {
  const readBytes = Number(/^read_bytes: (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  const writeBytes = Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  return Number.isFinite(readBytes) && Number.isFinite(writeBytes) ? { readBytes, writeBytes } : undefined;
}
