import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDirectory, removeDirectory } from './directory.ts';
import { freePort } from './free_port.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { findProgram, launch, missingProgram } from './program.ts';

const AGENT = '/var/lib/pcp/pmdas/linux/pmdalinux';
const NAME_SPACE = '/var/lib/pcp/pmns/root';
const METRICS = [
  'kernel.all.cpu',
  'kernel.percpu.cpu',
  'kernel.all.load',
  'mem.util',
  'mem.vmstat',
  'swap',
  'network.interface.in',
  'network.interface.out',
  'disk.all',
  'disk.dev',
  'filesys.used',
  'filesys.avail',
];
const START_MS = 1_000;

/** A collector daemon with the agent for Linux, and a logger that asks it. */
export const pcp: Peer = {
  name: 'PCP pmcd + pmlogger',
  does: 'records',
  rates: [1, 10, 100],
  absence() {
    const missing = missingProgram('pcp', ['pmcd', 'pmlogger', 'pmdumplog']);
    if (missing !== undefined) return missing;
    return [AGENT, NAME_SPACE].find((path) => !existsSync(path))?.concat(' is missing: is PCP set up?');
  },
  async start(hz): Promise<RunningPeer> {
    const directory = makeDirectory('pcp');
    const archive = `${directory}/archive`;
    writeFileSync(`${directory}/pmcd.conf`, `linux 60 pipe binary ${AGENT}\n`);
    writeFileSync(`${directory}/log.conf`, `log mandatory on default { ${METRICS.join(' ')} }\n`);
    // Derived metrics ask for agents that do not run here.
    const env = { PCP_RUN_DIR: directory, PCP_TMP_DIR: directory, PCP_DERIVED_CONFIG: '' };
    const port = String(await freePort());
    const daemonArgs = ['-f', '-c', `${directory}/pmcd.conf`, '-p', port, '-i', '127.0.0.1'];
    const user = process.getuid?.() === 0 ? ['-U', 'root'] : [];
    const daemon = launch(
      'pmcd',
      [...daemonArgs, '-l', `${directory}/pmcd.log`, '-s', `${directory}/socket`, ...user],
      env,
    );
    await delay(START_MS);
    const host = ['-h', `127.0.0.1:${port}`, '-c', `${directory}/log.conf`];
    const log = ['-l', `${directory}/pmlogger.log`, ...user];
    const logger = launch('pmlogger', [...host, '-t', `${1 / hz}sec`, ...log, archive], env);
    return {
      pids: [daemon.pid, logger.pid],
      async stop() {
        await logger.stop();
        await daemon.stop();
        const samples = countRecords(archive);
        removeDirectory(directory);
        return samples;
      },
    };
  },
};

function countRecords(archive: string): number {
  const text = execFileSync(findProgram('pmdumplog')!, [archive, 'kernel.all.load'], {
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.match(/\(kernel\.all\.load\)/g)?.length ?? 0;
}
