import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const ENTRY = createRequire(import.meta.url).resolve('#history-query');

/**
 * Memory that is not the engine's own (a string of 3 GB) is bounded by the kernel: RLIMIT_DATA, in KiB. Newer Nodes
 * set aside half a gigabyte of it before they have done anything.
 */
const DATA_LIMIT_KIB = Number.parseInt(process.versions.node, 10) < 22 ? 900_000 : 1_600_000;

/** What of that is meant for the engine's own. */
export const ENGINE_MB = 256;
const KIB_PER_MB = 1e6 / 1_024;

/**
 * A query process with bounded memory; it ends when we do, its channel being closed then.
 *
 * @param engineMb what the engine may take in it
 */
export function startQueryProcess(engineMb = ENGINE_MB): ChildProcess {
  const limitKib = DATA_LIMIT_KIB + Math.round((engineMb - ENGINE_MB) * KIB_PER_MB);
  const command = `ulimit -d ${limitKib}; exec "$0" --max-old-space-size=256 "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, ENTRY], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  // A pending query gets the error; without one, it must not end this process.
  child.on('error', () => {});
  return child;
}
