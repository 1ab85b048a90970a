import { HzstatProcess } from '../processes/hzstat.ts';
import { Readers } from '../readers/readers.ts';
import type { Peer, RunningPeer } from './peer.ts';

/** What the others read too: all collectors but perf_events. */
const COMMON_COLLECTORS = 'cpu,memory,network,disk,memory_bandwidth';

/** The product at the work the others do. */
export const hzstatReading: Peer = {
  name: 'hzstat, the same readings',
  does: 'nothing more',
  rates: [1, 10, 100],
  absence: () => undefined,
  async start(hz): Promise<RunningPeer> {
    const server = await HzstatProcess.start({ hz, history: false, collectors: COMMON_COLLECTORS });
    return {
      pids: [server.pid],
      taken: () => server.snapshots(),
      stop: () => server.stop().then(() => undefined),
    };
  },
};

/** The product as people use it. */
export const hzstatWhole: Peer = {
  name: 'hzstat, everything',
  does: 'perf events, history, one client',
  rates: [1, 10, 100],
  absence: () => undefined,
  async start(hz): Promise<RunningPeer> {
    const server = await HzstatProcess.start({ hz, history: true });
    const readers = await Readers.start();
    await readers.connect(server.url, 1, 1);
    return {
      pids: [server.pid],
      taken: () => server.snapshots(),
      async stop() {
        readers.stop();
        await server.stop();
        return undefined;
      },
    };
  },
};
