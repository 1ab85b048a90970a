import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { HzstatError, systemErrorCode } from '../../base/errors.ts';
import { removeFile } from '../segments/files.ts';

/** Who holds a data directory. A process id alone would not do: they are used again. */
interface Holder {
  pid: number;
  /** Field 22 of /proc/PID/stat: when the process started, in jiffies since boot. */
  startedAt: string;
}

/** flock(1) ends with this when somebody else holds the lock. */
const HELD = 1;
/** Magic numbers of file systems whose locks may be known to one host only, by statfs(2). */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x65735546, 'FUSE'],
]);

/**
 * Takes a data directory for this process; returns what gives it back. The lock is the kernel's (flock): it holds
 * across containers, and ends with the process, however that ends. Where there is no flock(1), the process named in
 * the lock file counts as long as it lives.
 *
 * @param say tells where the lock protects less than it should
 * @throws HzstatError HISTORY_LOCKED naming the process that writes there; the system's errors
 */
export function lockDataDir(dataDir: string, say: (message: string) => void = () => {}): () => void {
  const path = join(dataDir, 'lock');
  const network = NETWORK_FILE_SYSTEMS.get(statfsSync(dataDir).type);
  const fd = openSync(path, 'a+', 0o640);
  const outcome = flock(fd);
  if (outcome === 'held') {
    closeSync(fd);
    throw lockedBy(read(path), dataDir);
  }
  if (outcome === 'locked') {
    const other = read(path);
    // It may not know of locks of the kernel.
    if (other !== undefined && other.pid !== process.pid && isAlive(other)) {
      closeSync(fd);
      throw lockedBy(other, dataDir);
    }
    name(fd);
    if (network !== undefined)
      say(`${dataDir} is on a network file system (${network}): no other host must record there`);
    return () => {
      // The file stays: removed, it could be held by two at once, one of them by a name that is gone.
      ftruncateSync(fd, 0);
      closeSync(fd);
    };
  }
  closeSync(fd);
  say(
    `the kernel's lock cannot be had (${outcome}): no process of another container must record to ${dataDir}`,
  );
  return lockByName(path, dataDir);
}

/** Locks an open file. The lock belongs to what is open, not to the process that asks, so the child leaves it to us. */
function flock(fd: number): 'locked' | 'held' | { toString(): string } {
  const { status, error, stderr } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    encoding: 'utf8',
  });
  if (status === 0) return 'locked';
  if (status === HELD) return 'held';
  const isMissing = error !== undefined && systemErrorCode(error) === 'ENOENT';
  return isMissing ? 'there is no flock(1) here' : stderr?.trim() || `flock(1) ended with ${status}`;
}

/** Writes who holds the lock; on a full disk the lock is good without. */
function name(fd: number): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, JSON.stringify(self()));
  } catch {}
}

function self(): Holder {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
}

/** A lock by the content of its file: the process named there holds it while it lives. */
function lockByName(path: string, dataDir: string): () => void {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(path, self())) return () => removeFile(path);
    const other = read(path);
    if (other !== undefined && isAlive(other)) throw lockedBy(other, dataDir);
    clearStale(path);
  }
  throw new HzstatError('HISTORY_LOCKED', `somebody keeps taking ${path}: choose another --data-dir`);
}

/** Removes the lock of one who is gone: by renaming it first, so that it is not somebody's new one that goes. */
function clearStale(path: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    const taken = read(aside);
    if (taken !== undefined && isAlive(taken)) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
  } finally {
    removeFile(aside);
  }
}

function create(path: string, holder: Holder): boolean {
  try {
    const fd = openSync(path, 'wx', 0o640);
    try {
      writeSync(fd, JSON.stringify(holder));
    } finally {
      closeSync(fd);
    }
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

function isAlive({ pid, startedAt }: Holder): boolean {
  return startOf(pid) === startedAt;
}

function lockedBy(holder: Holder | undefined, dataDir: string): HzstatError {
  const who =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid}${isAlive(holder) ? '' : ' (of another container)'}`;
  return new HzstatError(
    'HISTORY_LOCKED',
    `${who} records to ${dataDir} already: stop it, choose another --data-dir, or run with --no-history`,
  );
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
