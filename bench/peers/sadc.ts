import { makeDirectory, removeDirectory } from './directory.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { launch, missingProgram } from './program.ts';

export const sadc: Peer = {
  name: 'sadc (sysstat)',
  does: 'records',
  // It refuses anything shorter than a second.
  rates: [1],
  absence: () => missingProgram('sysstat', ['sadc']),
  async start(): Promise<RunningPeer> {
    const directory = makeDirectory('sadc');
    const run = launch('sadc', ['-S', 'DISK,XDISK', '1', `${directory}/samples`]);
    return {
      pids: [run.pid],
      async stop() {
        await run.stop();
        removeDirectory(directory);
        return undefined;
      },
    };
  },
};
