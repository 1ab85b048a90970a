import { hasPsutil, PsutilLoop } from '../processes/psutil_loop.ts';
import type { Peer, RunningPeer } from './peer.ts';

export const psutil: Peer = {
  name: 'psutil loop',
  does: 'nothing more',
  rates: [1, 10, 100],
  absence: () => (hasPsutil() ? undefined : 'psutil is not installed (Debian package python3-psutil)'),
  async start(hz): Promise<RunningPeer> {
    const loop = await PsutilLoop.start(hz);
    if (loop === undefined) throw new Error('psutil is gone');
    return { pids: [loop.pid], taken: () => loop.ticks(), stop: () => loop.stop().then(() => undefined) };
  },
};
