import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { makeDirectory, removeDirectory } from './directory.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { launch, missingProgram } from './program.ts';

/** Totals and details of cpu, disk and network, and memory. */
const SUBSYSTEMS = '-scCdDmnN';

export const collectl: Peer = {
  name: 'collectl, raw file',
  does: 'records',
  rates: [1, 10, 100],
  absence: () => missingProgram('collectl', ['collectl']),
  async start(hz): Promise<RunningPeer> {
    const directory = makeDirectory('collectl');
    const run = launch('collectl', [SUBSYSTEMS, '-i', String(1 / hz), '-f', `${directory}/`]);
    return {
      pids: [run.pid],
      async stop() {
        await run.stop();
        const samples = readdirSync(directory)
          .filter((name) => name.endsWith('.raw.gz'))
          .map((name) => countSamples(join(directory, name)))
          .reduce((sum, count) => sum + count, 0);
        removeDirectory(directory);
        return samples;
      },
    };
  },
};

function countSamples(path: string): number {
  const { Z_SYNC_FLUSH } = constants;
  // The end of a file whose writer was told to go may be missing.
  const text = gunzipSync(readFileSync(path), { finishFlush: Z_SYNC_FLUSH }).toString('latin1');
  return text.match(/^>>> /gm)?.length ?? 0;
}
