import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HzstatError, systemErrorCode } from '../shared/errors.ts';
import { removeFile } from './files.ts';

/** Who holds a data directory. A process id alone would not do: they are used again. */
interface Holder {
  pid: number;
  /** Field 22 of /proc/PID/stat: when the process started, in jiffies since boot. */
  startedAt: string;
}

/**
 * Takes a data directory for this process; returns what gives it back. A lock whose process is gone is no
 * obstacle.
 *
 * @throws HzstatError HISTORY_LOCKED naming the process that writes there
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, 'lock');
  const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(path, holder)) return () => removeFile(path);
    const other = read(path);
    if (other !== undefined && startOf(other.pid) === other.startedAt) {
      const message = `process ${other.pid} records to ${dataDir} already: stop it, choose another --data-dir, or run with --no-history`;
      throw new HzstatError('HISTORY_LOCKED', message);
    }
    removeFile(path);
  }
  throw new HzstatError('HISTORY_LOCKED', `somebody keeps taking ${path}: choose another --data-dir`);
}

function create(path: string, holder: Holder): boolean {
  try {
    const fd = openSync(path, 'wx', 0o640);
    writeSync(fd, JSON.stringify(holder));
    closeSync(fd);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value))
      return undefined;
    return { pid: Number(value.pid), startedAt: String(value.startedAt) };
  } catch {
    return undefined;
  }
}

/** When a process started; undefined when there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may contain anything, blanks and parentheses too; what follows its last parenthesis is field 3.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
