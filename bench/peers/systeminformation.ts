import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { PROGRAMS, ROOT } from '../paths.ts';
import { MeasuredProcess } from '../processes/measured_process.ts';
import type { Peer, RunningPeer } from './peer.ts';

/** The package of that name, wherever Node finds it from here; it is not a dependency of this project. */
export const systeminformation: Peer = {
  name: 'systeminformation loop',
  does: 'nothing more',
  rates: [1, 10],
  absence: () =>
    modulePath() === undefined
      ? 'systeminformation is not installed (npm install --no-save systeminformation)'
      : undefined,
  async start(hz): Promise<RunningPeer> {
    const child = fork(`${PROGRAMS}controls/systeminformation_loop.js`, [modulePath() ?? '', String(hz)]);
    const run = new MeasuredProcess(child);
    let taken = 0;
    child.on('message', (count: number) => {
      taken = count;
    });
    return {
      pids: [run.pid],
      taken: () => Promise.resolve(taken),
      stop: () => run.stop().then(() => undefined),
    };
  },
};

function modulePath(): string | undefined {
  try {
    return createRequire(`${ROOT}package.json`).resolve('systeminformation');
  } catch {
    return undefined;
  }
}
